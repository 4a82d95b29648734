int *__errno_location(void);
#define errno (*__errno_location())
#pragma sockscope constants ERRNO
#define EWOULDBLOCK EAGAIN
#define ENOTSUP EOPNOTSUPP
#define EDEADLOCK EDEADLK
