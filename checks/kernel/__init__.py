"""What the kernel tells an unprivileged process: ioctls, sysfs, and its counters in /proc."""
