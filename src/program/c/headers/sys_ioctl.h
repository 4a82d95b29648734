#pragma sockscope constants IOCTL_REQUESTS
#define SIOCINQ FIONREAD
#define TIOCINQ FIONREAD
#define SIOCOUTQ TIOCOUTQ
int ioctl(int fd, unsigned long request, ...);
