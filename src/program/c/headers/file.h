#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <unistd.h>
enum { UNBUFFERED = 1, BY_LINE = 2, WRITING = 4, NO_READS = 8, NO_WRITES = 16, AT_END = 32, FAILED = 64, MADE = 128 };
struct _IO_FILE {
    int fd;
    int flags;
    char *base;
    char *end;
    char *from;
    char *upto;
    char *first;
    char *to;
    char *limit;
    char *own;
    struct _IO_FILE *next;
    char one[16];
};
int __sockscope_overflow(FILE *f, int c);
int __sockscope_underflow(FILE *f);
size_t __sockscope_put(FILE *f, const char *data, size_t size);
int __sockscope_flush_out(FILE *f);
int __sockscope_fault(const char *message);
