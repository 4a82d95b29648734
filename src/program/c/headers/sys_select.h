#include <sockscope/timespec.h>
#include <sockscope/sigset.h>
typedef long __fd_mask;
typedef __fd_mask fd_mask;
typedef struct { __fd_mask __fds_bits[16]; } fd_set;
#define FD_SETSIZE 1024
#define NFDBITS 64
#define __FD_AT(fd, set) ((set)->__fds_bits[(fd) / 64])
#define __FD_BIT(fd) ((__fd_mask)(1UL << ((fd) % 64)))
#define FD_ZERO(set) do { unsigned int __i; for (__i = 0; __i < 16; ++__i) (set)->__fds_bits[__i] = 0; } while (0)
#define FD_SET(fd, set) ((void)(__FD_AT(fd, set) |= __FD_BIT(fd)))
#define FD_CLR(fd, set) ((void)(__FD_AT(fd, set) &= ~__FD_BIT(fd)))
#define FD_ISSET(fd, set) ((__FD_AT(fd, set) & __FD_BIT(fd)) != 0)
int select(int nfds, fd_set *readfds, fd_set *writefds, fd_set *exceptfds, struct timeval *timeout);
int pselect(int nfds, fd_set *readfds, fd_set *writefds, fd_set *exceptfds, const struct timespec *timeout, const sigset_t *sigmask);
