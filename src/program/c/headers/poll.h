typedef unsigned long nfds_t;
struct pollfd { int fd; short events; short revents; };
#pragma sockscope constants POLL_EVENTS
int poll(struct pollfd *fds, nfds_t nfds, int timeout);
