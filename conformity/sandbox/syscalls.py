"""Numbers of the system calls that a worker may not make, for the processors whose numbers are known.

Source: ``asm/unistd_64.h`` and ``asm-generic/unistd.h`` of Linux 6.18.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_OTHERS = (
    # look into, or change, other processes
    "ptrace process_vm_readv process_vm_writev process_madvise process_mrelease kcmp migrate_pages "
    "move_pages pidfd_getfd "
    # new views of the file system, of users and of processes
    "unshare setns mount umount2 pivot_root chroot open_tree move_mount fsopen fsconfig fsmount fspick "
    "mount_setattr open_tree_attr "
    # ways around a filter of system calls, and parts of the kernel that a measurement never needs
    "bpf perf_event_open userfaultfd io_uring_setup io_uring_enter io_uring_register personality "
    "add_key request_key keyctl syslog "
    # the machine itself
    "init_module finit_module delete_module kexec_load kexec_file_load reboot swapon swapoff acct "
    "settimeofday clock_settime clock_adjtime adjtimex sethostname setdomainname quotactl quotactl_fd "
    "iopl ioperm vhangup "
    # files without their names, devices, and news of other people's files
    "open_by_handle_at name_to_handle_at fanotify_init fanotify_mark mknod mknodat "
    "inotify_init inotify_init1 inotify_add_watch "
    # memory and queues shared with other processes
    "shmget shmat shmctl msgget msgsnd msgrcv msgctl semget semop semctl semtimedop mq_open mq_unlink"
)
OTHERS = tuple(_OTHERS.split())
"""What no worker ever needs."""

_ATTRIBUTES = (
    "chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat setxattr lsetxattr fsetxattr "
    "removexattr lremovexattr fremovexattr setxattrat removexattrat utime utimes futimesat utimensat"
)
ATTRIBUTES = tuple(_ATTRIBUTES.split())
"""What changes owner, rights and times of files, which Landlock does not bound."""

PROGRAMS = ("fork", "vfork", "execve", "execveat")
"""What starts programs."""

_PRIORITIES = "setpriority ioprio_set sched_setaffinity sched_setscheduler sched_setparam sched_setattr"
PRIORITIES = tuple(_PRIORITIES.split())
"""What changes how much of the processor a process has, its own or another's."""

SIGNALS = ("tkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_open", "pidfd_send_signal")
"""What reaches other processes by signals, besides ``kill`` and ``tgkill`` to oneself."""

NEWEST = 467
"""The newest call that was known when this was written; what is newer is as if it did not exist."""

_NAMES_AND_NUMBERS = """
acct 163 89;add_key 248 217;adjtimex 159 171;bpf 321 280;chmod 90 -;chown 92 -;chroot 161 51;
clock_adjtime 305 266;clock_settime 227 112;clone 56 220;clone3 435 435;delete_module 176 106;execve 59 221;
execveat 322 281;fanotify_init 300 262;fanotify_mark 301 263;fchmod 91 52;fchmodat 268 53;fchmodat2 452 452;
fchown 93 55;fchownat 260 54;finit_module 313 273;fork 57 -;fremovexattr 199 16;fsconfig 431 431;
fsetxattr 190 7;fsmount 432 432;fsopen 430 430;fspick 433 433;futimesat 261 -;init_module 175 105;
inotify_add_watch 254 27;inotify_init 253 -;inotify_init1 294 26;io_uring_enter 426 426;
io_uring_register 427 427;io_uring_setup 425 425;ioperm 173 -;iopl 172 -;ioprio_set 251 30;kcmp 312 272;
kexec_file_load 320 294;kexec_load 246 104;keyctl 250 219;kill 62 129;lchown 94 -;lremovexattr 198 15;
lsetxattr 189 6;migrate_pages 256 238;mknod 133 -;mknodat 259 33;mount 165 40;mount_setattr 442 442;
move_mount 429 429;move_pages 279 239;mq_open 240 180;mq_unlink 241 181;msgctl 71 187;msgget 68 186;
msgrcv 70 188;msgsnd 69 189;name_to_handle_at 303 264;open_by_handle_at 304 265;open_tree 428 428;
open_tree_attr 467 467;perf_event_open 298 241;personality 135 92;pidfd_getfd 438 438;pidfd_open 434 434;
pidfd_send_signal 424 424;pivot_root 155 41;prlimit64 302 261;process_madvise 440 440;
process_mrelease 448 448;process_vm_readv 310 270;process_vm_writev 311 271;ptrace 101 117;quotactl 179 60;
quotactl_fd 443 443;reboot 169 142;removexattr 197 14;removexattrat 466 466;request_key 249 218;
rt_sigqueueinfo 129 138;rt_tgsigqueueinfo 297 240;sched_setaffinity 203 122;sched_setattr 314 274;
sched_setparam 142 118;sched_setscheduler 144 119;semctl 66 191;semget 64 190;semop 65 193;
semtimedop 220 192;setdomainname 171 162;sethostname 170 161;setns 308 268;setpriority 141 140;
settimeofday 164 170;setxattr 188 5;setxattrat 463 463;shmat 30 196;shmctl 31 195;shmget 29 194;socket 41 198;
swapoff 168 225;swapon 167 224;syslog 103 116;tgkill 234 131;tkill 200 130;umount2 166 39;unshare 272 97;
userfaultfd 323 282;utime 132 -;utimensat 280 88;utimes 235 -;vfork 58 -;vhangup 153 58
"""


@dataclass(frozen=True)
class Architecture:
    """A kind of processor."""

    audit: int
    """How the kernel's filters call it."""
    numbers: Mapping[str, int]
    """The number of each system call that it has."""


def _numbers(column: int) -> dict[str, int]:
    """Return the numbers of one kind of processor."""
    rows = [row.split() for row in _NAMES_AND_NUMBERS.split(";")]
    return {row[0]: int(row[column]) for row in rows if row[column] != "-"}


ARCHITECTURES = {
    "x86_64": Architecture(audit=0xC000_003E, numbers=_numbers(1)),
    "aarch64": Architecture(audit=0xC000_00B7, numbers=_numbers(2)),
}
"""By the name that the system gives the processor."""
