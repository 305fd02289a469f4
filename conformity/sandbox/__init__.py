"""Workers: where untrusted data and models are opened, apart from everything else."""
