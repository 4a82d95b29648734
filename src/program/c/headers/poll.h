#include <sockscope/timespec.h>
#include <sockscope/sigset.h>
typedef unsigned long nfds_t;
struct pollfd { int fd; short events; short revents; };
#pragma sockscope constants POLL_EVENTS
int poll(struct pollfd *fds, nfds_t nfds, int timeout);
int ppoll(struct pollfd *fds, nfds_t nfds, const struct timespec *tmo_p, const sigset_t *sigmask);
