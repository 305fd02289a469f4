"""What a malicious worker tries: code that runs where the worker would be, after it was confined."""

from __future__ import annotations

PRELUDE = """\
import ctypes, hashlib, json, os, resource, signal, socket, sys, time
from pathlib import Path
from conformity.sandbox.confine import Limits, confine
limits = Limits.from_json(sys.argv[1])
confine(limits)
libc = ctypes.CDLL(None, use_errno=True)

def call(number, *arguments):
    if libc.syscall(number, *arguments) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

def checked(done):
    if done != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

def same(content, digest):
    if hashlib.sha256(content).hexdigest() != digest:
        raise OSError("another file than the machine's")

def say(text):
    line = json.dumps({"event": "failed", "reason": text}) + "\\n"
    fd = limits.events_fd
    while line:
        line = line[os.write(fd, line.encode()):]
"""

QUIETLY = """
found = {}
for name, code in ATTACKS.items():
    try:
        exec(code, {**globals(), **AIMS})
    except (OSError, ValueError, KeyError, MemoryError) as error:
        found[name] = f"contained: {type(error).__name__} {getattr(error, 'errno', '')}"
    except BaseException as error:
        found[name] = f"unclear: {type(error).__name__}: {error}"
    else:
        found[name] = "ESCAPED"
say(json.dumps(found))
"""
"""Run every attack of ``ATTACKS`` and tell of each whether the system let it happen."""

FILES: dict[str, str] = {
    "read the shadow passwords": "same(Path('/etc/shadow').read_bytes(), shadow)",
    "read the home folder": "Path(home, 'secret').stat() and os.listdir(home).index('secret')",
    "read a file in the home folder": "Path(home, 'secret').read_bytes()",
    "read another file": "Path(secret).read_bytes()",
    "read through a symbolic link": "os.symlink(secret, 'link'); Path('link').read_bytes()",
    "read through a hard link": "os.link(secret, 'hard'); Path('hard').read_bytes()",
    "read through two dots": "Path('..', os.path.relpath(secret, '..')).read_bytes()",
    "read through the root of this process": "Path('/proc/self/root' + secret).read_bytes()",
    "read the environment of the parent": "Path(f'/proc/{parent}/environ').read_bytes()",
    "read the memory of the parent": "open(f'/proc/{parent}/mem', 'rb').read(1)",
    "read through the root of the parent": "Path(f'/proc/{parent}/root{secret}').read_bytes()",
    "list the files of the parent": "os.listdir(f'/proc/{parent}/fd')",
    "read the command line of the parent": "Path(f'/proc/{parent}/cmdline').read_bytes()",
    "write another file": "open(secret, 'a').write('x')",
    "write the input": "open(given, 'a').write('x')",
    "cut off the input": "os.truncate(given, 0)",
    "remove the input": "os.unlink(given)",
    "rename the input": "os.rename(given, given + '.old')",
    "make a file beside the input": "open(given + '.new', 'w')",
    "make a folder": "os.mkdir(os.path.join(home, 'made'))",
    "write in the folder of temporary files": "open(f'{shared}/conformity-attack', 'w')",
    "write in shared memory": "open('/dev/shm/conformity-attack', 'w')",
    "write this package": "import conformity; open(conformity.__file__, 'a').write('#')",
    "write a library": "open(json.__file__, 'a').write('#')",
    "write through a symbolic link": "os.symlink(secret, 'door'); open('door', 'a').write('x')",
    "move a file out": "open('out', 'w').close(); os.rename('out', os.path.join(home, 'out'))",
}
"""Attacks on files: bare processes do not withstand those that their user may do."""

EFFECTS = {
    "write another file": "{secret}",
    "write through a symbolic link": "{secret}",
    "make a file beside the input": "{given}.new",
    "make a folder": "{home}/made",
    "move a file out": "{home}/out",
    "write in the folder of temporary files": "{shared}/conformity-attack",
    "write in shared memory": "/dev/shm/conformity-attack",
}
"""Where the machine would show what was done; a way to run workers may give them folders of their own."""

OTHERS: dict[str, str] = {
    "look for a way out": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('192.0.2.1', 9))",
    "connect to a service here": "socket.create_connection(('127.0.0.1', port), 2)",
    "connect to a service here, version 6": "socket.create_connection(('::1', port), 2)",
    "serve on the network": "socket.create_server(('127.0.0.1', 0))",
    "open a raw socket": "socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)",
    "open a packet socket": "socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
    "speak to a socket in the file system": "socket.socket(socket.AF_UNIX).connect(door)",
    "speak to an abstract socket": "socket.socket(socket.AF_UNIX).connect('\\0' + hidden)",
    "speak to the kernel's network": "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
    "find the secret in the environment": "os.environ['CONFORMITY_TEST_SECRET']",
    "change the rights of the input": "os.chmod(given, 0o777)",
    "change the times of the input": "os.utime(given, (0, 0))",
    "change the rights of an open input": "os.fchmod(os.open(given, os.O_RDONLY), 0o777)",
    "mark the input": "os.setxattr(given, 'user.mark', b'x')",
    "trace the parent": "checked(libc.ptrace(16, parent, 0, 0))",
    "ask for a signal to the parent": "os.kill(parent, 0)",
    "ask for a signal to everybody": "os.kill(-1, 0)",
    "ask for a signal to the parent's group": "os.kill(-os.getpgid(parent), 0)",
    "send the parent a signal by another call": "checked(libc.sigqueue(parent, 0, 0))",
    "bound the parent's files": "resource.prlimit(parent, resource.RLIMIT_NOFILE)",
    "slow the parent down": "os.setpriority(os.PRIO_PROCESS, parent, 5)",
    "start a child": "os.fork() or os._exit(0)",
    "start a program": "os.posix_spawn('/bin/true', ['true'], {})",
    "become a program": "os.execv('/bin/true', ['true'])",
    "make a user name space": "checked(libc.unshare(0x10000000))",
    "make a network": "checked(libc.unshare(0x40000000))",
    "make a mount name space": "checked(libc.unshare(0x20000))",
    "make a child in new name spaces": "checked(libc.syscall(SYS['clone'], 0x10000011, 0, 0, 0, 0))",
    "enter the parent's name spaces": "os.open(f'/proc/{parent}/ns/net', 0) and call(SYS['setns'], 3, 0)",
    "mount": "checked(libc.mount(b'none', b'.', b'tmpfs', 0, None))",
    "change the root": "os.chroot('.')",
    "make a device": "os.mknod('device', 0o600 | 0o060000, os.makedev(8, 0))",
    "use io_uring": "call(SYS['io_uring_setup'], 8, ctypes.create_string_buffer(200))",
    "use the kernel's keys": "call(SYS['keyctl'], 0, -3, 0)",
    "load a kernel's program": "call(SYS['bpf'], 0, ctypes.create_string_buffer(200), 72)",
    "watch performance": "call(SYS['perf_event_open'], ctypes.create_string_buffer(200), 0, -1, -1, 0)",
    "handle page faults": "call(SYS['userfaultfd'], 1)",
    "share memory by number": "call(SYS['shmget'], 0, 4096, 0o1600)",
    "open a file by its handle": "call(SYS['open_by_handle_at'], -100, ctypes.create_string_buffer(64), 0)",
    "use an unknown call": "call(999)",
    "become root": "os.setuid(0) if os.getuid() else os.setgroups([1])",
    "ask for more memory than allowed": "import mmap; mmap.mmap(-1, limits.memory_mb * 1024 * 1024)",
    "raise the limit of memory": "resource.setrlimit(resource.RLIMIT_AS, (-1, -1))",
    "raise the limit of open files": "resource.setrlimit(resource.RLIMIT_NOFILE, (20000, 20000))",
    "open 10,000 files": "held = [os.open('/dev/null', 0) for _ in range(10000)]",
}
"""Attacks on everything else: every way to run workers withstands them."""

UNPICKLE = """
import pickle
class Model:
    def __reduce__(self):
        return (eval, (PAYLOAD,))
try:
    pickle.loads(pickle.dumps(Model()))
except OSError as error:
    say(f"contained: {type(error).__name__}")
else:
    say("ran")
"""
"""Load a model whose loading runs ``PAYLOAD``."""

LOUD: dict[str, tuple[str, int, str]] = {
    "memory bomb": (
        "held = []\ntry:\n    while True: held.append(bytearray(50_000_000))\n"
        "except MemoryError:\n    held.clear(); os._exit(66)",
        60,
        "MiB of memory it may use",
    ),
    "fork bomb": (
        "n = 0\ntry:\n    while n < 50:\n        n += 1\n        if os.fork() == 0: os._exit(0)\n"
        "except OSError:\n    n -= 1\nsay(f'{n} children')",
        60,
        "0 children",
    ),
    "disk filler": (
        "n = 0\nwhile True:\n    Path(f'fill{n}').write_bytes(b'x' * 8_000_000); n += 1; time.sleep(0.005)",
        60,
        "filled its folder",
    ),
    "many small files": (
        "n = 0\nwhile True:\n    Path(f'small{n}').touch(); n += 1",
        60,
        "filled its folder",
    ),
    "endless loop": ("while True: pass", 2, "stopped after 2 s"),
    "deaf to being asked": (
        "for n in range(1, 32):\n    try: signal.signal(n, signal.SIG_IGN)\n    except OSError: pass\n"
        "while True: time.sleep(0.1)",
        2,
        "stopped after 2 s",
    ),
    "silent": ("os.closerange(0, 200); time.sleep(60)", 2, "stopped after 2 s"),
    "huge answer": ("while True: os.write(limits.events_fd, b'x' * 65536)", 60, "answered more than"),
    "malformed answer": ("os.write(limits.events_fd, b'{\\n'); time.sleep(60)", 60, "not an event"),
    "deep answer": ("os.write(limits.events_fd, b'[' * 20_000 + b'\\n'); time.sleep(60)", 60, "not an event"),
    "answer to another question": (
        'os.write(limits.events_fd, b\'{"event":"table_inspected","subject":"x"}\\n\'); time.sleep(60)',
        60,
        "not asked",
    ),
    "crash": ("ctypes.string_at(0)", 60, "SIGSEGV"),
    "no answer": ("", 60, "without an answer"),
}
"""What is done, how many seconds it may take, and words of the reason that must come of it."""
