#include <sockscope/types.h>
#pragma sockscope constants FCNTL_COMMANDS FD_FLAGS FILE_FLAGS OPEN_FLAGS
#define O_RDONLY 0
#define O_ACCMODE 3
#define O_NDELAY O_NONBLOCK
#define O_FSYNC O_SYNC
#define S_IRWXU 0700
#define S_IRUSR 0400
#define S_IWUSR 0200
#define S_IXUSR 0100
#define S_IRWXG 0070
#define S_IRGRP 0040
#define S_IWGRP 0020
#define S_IRWXO 0007
#define S_IROTH 0004
#define S_IWOTH 0002
#define AT_FDCWD -100
int open(const char *pathname, int flags, ...);
int fcntl(int fd, int cmd, ...);
int creat(const char *pathname, mode_t mode);
int openat(int dirfd, const char *pathname, int flags, ...);
