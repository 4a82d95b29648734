int *__errno_location(void);
#define errno (*__errno_location())
#pragma sockscope constants ERRNO
#define EWOULDBLOCK EAGAIN
#define ENOTSUP EOPNOTSUPP
#define EDEADLOCK EDEADLK
#ifdef _GNU_SOURCE
char **__program_invocation_name(void);
char **__program_invocation_short_name(void);
#define program_invocation_name (*__program_invocation_name())
#define program_invocation_short_name (*__program_invocation_short_name())
#endif
