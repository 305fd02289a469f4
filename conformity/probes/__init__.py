"""Questions with measurable answers; a probe never reads law and never judges."""
