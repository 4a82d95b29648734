#include <sockscope/types.h>
#include <sockscope/sigset.h>
#pragma sockscope constants EPOLL_OPERATIONS EPOLL_EVENTS
#define EPOLL_CLOEXEC 02000000
#define EPOLLMSG 0x400
typedef union epoll_data { void *ptr; int fd; uint32_t u32; uint64_t u64; } epoll_data_t;
struct epoll_event { uint32_t events; epoll_data_t data; } __attribute__((__packed__));
int epoll_create1(int flags);
int epoll_create(int size);
int epoll_ctl(int epfd, int op, int fd, struct epoll_event *event);
int epoll_wait(int epfd, struct epoll_event *events, int maxevents, int timeout);
int epoll_pwait(int epfd, struct epoll_event *events, int maxevents, int timeout, const sigset_t *sigmask);
