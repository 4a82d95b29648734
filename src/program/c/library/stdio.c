/* Streams, with the buffers of glibc (libio/fileops.c tells when it reads and writes).

   A buffer is `base` to `end`. Input not yet taken is `from` to `upto`; output not yet written is `first` to `to`,
   and what may be added without asking ends at `limit`, which is `first` where every line or byte counts. Eight bytes
   before a buffer of the library's own are for ungetc(). */
#include <sockscope/file.h>

#define SLACK 8
#define BLOCK 4096
#define TERMINAL 1024

typedef void hook(void);
extern hook *__sockscope_flush;
int __sockscope_getfl(int fd);

static char in_buffer[SLACK + BLOCK], out_buffer[SLACK + BLOCK];
static FILE std_in = { 0, NO_WRITES };
static FILE std_out = { 1, NO_READS, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, &std_in };
static FILE std_err = { 2, NO_READS | UNBUFFERED, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, &std_out };
static FILE *all_streams = &std_err;

FILE *stdin = &std_in;
FILE *stdout = &std_out;
FILE *stderr = &std_err;

static FILE *checked(FILE *f)
{
    if (f == NULL)
        __sockscope_fault("the stream is a null pointer");
    return f;
}

static void flush_all(void)
{
    fflush(NULL);
}

/* The buffer is that. Nothing is in it. */
static void set_buffer(FILE *f, char *base, size_t size)
{
    f->base = base;
    f->end = base + size;
    f->from = f->upto = f->first = f->to = f->limit = base;
}

/* A stream gets its buffer when it is used first. */
static void need_buffer(FILE *f)
{
    if (f->base != NULL)
        return;
    __sockscope_flush = flush_all;
    if (f->flags & UNBUFFERED) {
        set_buffer(f, f->one + SLACK, 1);
        return;
    }
    size_t size = BLOCK;
    int before = errno;
    if (isatty(f->fd)) {
        size = TERMINAL;
        f->flags |= BY_LINE;
    }
    errno = before;
    if (f == &std_in || f == &std_out)
        f->own = f == &std_in ? in_buffer : out_buffer;
    else
        f->own = malloc(SLACK + size);
    if (f->own == NULL)
        set_buffer(f, f->one + SLACK, 1);
    else
        set_buffer(f, f->own + SLACK, size);
}

/* All of it, though it take several calls. */
static size_t write_all(FILE *f, const char *data, size_t size)
{
    size_t left = size;
    while (left > 0) {
        ssize_t n = write(f->fd, data, left);
        if (n < 0) {
            f->flags |= FAILED;
            break;
        }
        data += n;
        left -= n;
    }
    return size - left;
}

/* What has been put into the buffer is written, and gone even if that fails. */
int __sockscope_flush_out(FILE *f) {
    size_t size = f->to - f->first;
    int result = 0;
    if (size > 0 && f->upto != f->first) {
        /* Input that was read ahead lies behind it: it would have to be sought back. */
        errno = ESPIPE;
        return EOF;
    }
    if (size > 0 && write_all(f, f->first, size) != size)
        result = EOF;
    f->from = f->upto = f->first = f->to = f->base;
    f->limit = f->flags & (BY_LINE | UNBUFFERED) ? f->base : f->end;
    return result;
}

/* Puts a byte where there is no room for it, or only flushes (EOF). */
int __sockscope_overflow(FILE *f, int c) {
    checked(f);
    if (f->flags & NO_WRITES) {
        f->flags |= FAILED;
        errno = EBADF;
        return EOF;
    }
    if (!(f->flags & WRITING)) {
        need_buffer(f);
        if (f->from == f->end)
            f->from = f->upto = f->base;
        f->first = f->to = f->from;
        f->from = f->upto;
        f->flags |= WRITING;
        f->limit = f->flags & (BY_LINE | UNBUFFERED) ? f->to : f->end;
    }
    if (c == EOF)
        return __sockscope_flush_out(f);
    if (f->to == f->end && __sockscope_flush_out(f) == EOF)
        return EOF;
    *f->to++ = c;
    if (f->flags & UNBUFFERED || (f->flags & BY_LINE && (char)c == '\n'))
        if (__sockscope_flush_out(f) == EOF)
            return EOF;
    return (unsigned char)c;
}

static int put_byte(FILE *f, int c)
{
    if (f->to < f->limit)
        return (unsigned char)(*f->to++ = c);
    return __sockscope_overflow(f, (unsigned char)c);
}

/* Puts bytes; gives how many. */
size_t __sockscope_put(FILE *f, const char *data, size_t size) {
    checked(f);
    size_t left = size, room = 0;
    int flush = 0;
    if (size == 0)
        return 0;
    if ((f->flags & (BY_LINE | WRITING)) == (BY_LINE | WRITING)) {
        room = f->end - f->to;
        if (room >= size) {
            const char *last = NULL, *at = data;
            while ((at = memchr(at, '\n', data + size - at)) != NULL)
                last = ++at;
            if (last != NULL) {
                room = last - data;
                flush = 1;
            }
        }
    } else if (f->limit > f->to) {
        room = f->limit - f->to;
    }
    if (room > 0) {
        if (room > left)
            room = left;
        memcpy(f->to, data, room);
        f->to += room;
        data += room;
        left -= room;
    }
    if (left + flush > 0) {
        if (__sockscope_overflow(f, EOF) == EOF)
            return left == 0 ? EOF : size - left;
        size_t block = f->end - f->base;
        size_t whole = left - (block >= 128 ? left % block : 0);
        if (whole > 0) {
            size_t done = write_all(f, data, whole);
            data += done;
            left -= done;
            if (done < whole)
                return size - left;
        }
        if (left > 0 && f->limit > f->to) {
            memcpy(f->to, data, left);
            f->to += left;
            left = 0;
        }
        while (left > 0 && put_byte(f, (unsigned char)*data) != EOF) {
            data++;
            left--;
        }
    }
    return size - left;
}

/* Ends writing, so that reading can begin. */
static int to_reading(FILE *f)
{
    if (f->flags & WRITING) {
        if (f->to > f->first && __sockscope_flush_out(f) == EOF)
            return EOF;
        f->from = f->upto = f->first = f->limit = f->to;
        f->flags &= ~WRITING;
    }
    return 0;
}

/* What reading waits for may be an answer to what stands in stdout's buffer. */
static void show_lines(FILE *f)
{
    if ((f == &std_in || f->flags & (BY_LINE | UNBUFFERED)) && stdout->flags & BY_LINE && stdout->to > stdout->first)
        __sockscope_overflow(stdout, EOF);
}

/* Reads, if nothing is left of what was read. The next byte is not taken. */
int __sockscope_underflow(FILE *f) {
    checked(f);
    if (f->flags & AT_END)
        return EOF;
    if (f->flags & NO_READS) {
        f->flags |= FAILED;
        errno = EBADF;
        return EOF;
    }
    if (f->from < f->upto)
        return (unsigned char)*f->from;
    if (f->fd == -2)
        return EOF;
    need_buffer(f);
    show_lines(f);
    if (to_reading(f) == EOF)
        return EOF;
    f->from = f->upto = f->first = f->to = f->limit = f->base;
    ssize_t n = read(f->fd, f->base, f->end - f->base);
    if (n <= 0) {
        f->flags |= n == 0 ? AT_END : FAILED;
        return EOF;
    }
    f->upto += n;
    return (unsigned char)*f->from;
}

int fgetc(FILE *f) {
    checked(f);
    if (f->from >= f->upto && __sockscope_underflow(f) == EOF)
        return EOF;
    return (unsigned char)*f->from++;
}

int getc(FILE *f) {
    return fgetc(f);
}

int getchar(void) {
    return fgetc(stdin);
}

int ungetc(int c, FILE *f) {
    checked(f);
    if (c == EOF)
        return EOF;
    need_buffer(f);
    if (to_reading(f) == EOF)
        return EOF;
    char *least = f->base == f->own + SLACK || f->base == f->one + SLACK ? f->base - SLACK : f->base;
    if (f->from == least)
        return EOF;
    if (*--f->from != (char)c)
        *f->from = c;
    f->flags &= ~AT_END;
    return (unsigned char)c;
}

/* Takes bytes up to one that ends it, which is taken too. */
static size_t take_until(FILE *f, char *s, size_t most, int last)
{
    size_t taken = 0;
    while (taken < most) {
        if (f->from >= f->upto && __sockscope_underflow(f) == EOF)
            break;
        size_t here = f->upto - f->from;
        if (here > most - taken)
            here = most - taken;
        char *found = memchr(f->from, last, here);
        if (found != NULL)
            here = found + 1 - f->from;
        memcpy(s + taken, f->from, here);
        f->from += here;
        taken += here;
        if (found != NULL)
            break;
    }
    return taken;
}

char *fgets(char *s, int size, FILE *f) {
    checked(f);
    if (size <= 0)
        return NULL;
    if (size == 1) {
        *s = '\0';
        return s;
    }
    int before = f->flags & FAILED;
    f->flags &= ~FAILED;
    size_t n = take_until(f, s, size - 1, '\n');
    int bad = n == 0 || (f->flags & FAILED && errno != EAGAIN);
    f->flags |= before;
    if (bad)
        return NULL;
    s[n] = '\0';
    return s;
}

ssize_t getdelim(char **lineptr, size_t *n, int delim, FILE *f) {
    checked(f);
    if (lineptr == NULL || n == NULL) {
        errno = EINVAL;
        return -1;
    }
    if (*lineptr == NULL || *n == 0) {
        *n = 120;
        char *line = realloc(*lineptr, 120);
        if (line == NULL)
            return -1;
        *lineptr = line;
    }
    size_t length = 0;
    for (;;) {
        if (f->from >= f->upto && __sockscope_underflow(f) == EOF)
            break;
        size_t here = f->upto - f->from;
        char *found = memchr(f->from, delim, here);
        if (found != NULL)
            here = found + 1 - f->from;
        if (length + here + 1 > *n) {
            size_t room = 2 * *n > length + here + 1 ? 2 * *n : length + here + 1;
            char *line = realloc(*lineptr, room);
            if (line == NULL)
                return -1;
            *lineptr = line;
            *n = room;
        }
        memcpy(*lineptr + length, f->from, here);
        f->from += here;
        length += here;
        if (found != NULL)
            break;
    }
    if (length == 0)
        return -1;
    (*lineptr)[length] = '\0';
    return length;
}

ssize_t getline(char **lineptr, size_t *n, FILE *f) {
    return getdelim(lineptr, n, '\n', f);
}

size_t fread(void *ptr, size_t size, size_t nmemb, FILE *f) {
    checked(f);
    size_t left = size * nmemb;
    char *at = ptr;
    if (left == 0)
        return 0;
    need_buffer(f);
    while (left > 0) {
        size_t here = f->upto - f->from;
        if (here > left)
            here = left;
        if (here > 0) {
            memcpy(at, f->from, here);
            f->from += here;
            at += here;
            left -= here;
            continue;
        }
        size_t block = f->end - f->base;
        if (left < block || f->flags & (AT_END | NO_READS | WRITING)) {
            if (__sockscope_underflow(f) == EOF)
                break;
            continue;
        }
        /* Whole blocks go where they are wanted. */
        ssize_t n = read(f->fd, at, block >= 128 ? left - left % block : left);
        if (n <= 0) {
            f->flags |= n == 0 ? AT_END : FAILED;
            break;
        }
        at += n;
        left -= n;
    }
    return (size * nmemb - left) / size;
}

size_t fwrite(const void *ptr, size_t size, size_t nmemb, FILE *f) {
    size_t total = size * nmemb;
    if (total == 0)
        return 0;
    size_t done = __sockscope_put(f, ptr, total);
    return done == total || done == EOF ? nmemb : done / size;
}

int fputs(const char *s, FILE *f) {
    size_t size = strlen(s);
    return __sockscope_put(f, s, size) == size ? 1 : EOF;
}

int puts(const char *s) {
    size_t size = strlen(s);
    if (__sockscope_put(stdout, s, size) != size || put_byte(stdout, '\n') == EOF)
        return EOF;
    return size + 1;
}

int fputc(int c, FILE *f) {
    return put_byte(checked(f), c);
}

int putc(int c, FILE *f) {
    return put_byte(checked(f), c);
}

int putchar(int c) {
    return put_byte(stdout, c);
}

int fflush(FILE *f) {
    int result = 0;
    if (f != NULL) {
        if (f->flags & WRITING && f->to > f->first)
            result = __sockscope_flush_out(f);
        return result;
    }
    for (f = all_streams; f != NULL; f = f->next)
        if (f->flags & WRITING && f->to > f->first && __sockscope_overflow(f, EOF) == EOF)
            result = EOF;
    return result;
}

int setvbuf(FILE *f, char *buf, int mode, size_t size) {
    checked(f);
    switch (mode) {
    case _IOFBF:
        f->flags &= ~(BY_LINE | UNBUFFERED);
        if (buf == NULL) {
            need_buffer(f);
            f->flags &= ~BY_LINE;
            return 0;
        }
        break;
    case _IOLBF:
        f->flags = (f->flags & ~UNBUFFERED) | BY_LINE;
        if (buf == NULL)
            return 0;
        break;
    case _IONBF:
        f->flags &= ~BY_LINE;
        buf = NULL;
        break;
    default:
        return EOF;
    }
    if (fflush(f) == EOF)
        return EOF;
    if (f->own != NULL && f->flags & MADE)
        free(f->own);
    f->own = NULL;
    f->flags &= ~(UNBUFFERED | WRITING);
    __sockscope_flush = flush_all;
    if (buf == NULL || size == 0) {
        f->flags |= UNBUFFERED;
        set_buffer(f, f->one + SLACK, 1);
    } else {
        set_buffer(f, buf, size);
    }
    return 0;
}

void setbuf(FILE *f, char *buf) {
    setvbuf(f, buf, buf == NULL ? _IONBF : _IOFBF, BUFSIZ);
}

void setbuffer(FILE *f, char *buf, size_t size) {
    setvbuf(f, buf, buf == NULL ? _IONBF : _IOFBF, size);
}

void setlinebuf(FILE *f) {
    setvbuf(f, NULL, _IOLBF, 0);
}

int feof(FILE *f) {
    return (checked(f)->flags & AT_END) != 0;
}

int ferror(FILE *f) {
    return (checked(f)->flags & FAILED) != 0;
}

void clearerr(FILE *f) {
    checked(f)->flags &= ~(AT_END | FAILED);
}

int fileno(FILE *f) {
    if (checked(f)->fd < 0)
        errno = EBADF;
    return f->fd;
}

FILE *fdopen(int fd, const char *mode) {
    int flags = 0, access;
    switch (*mode) {
    case 'r':
        flags = NO_WRITES;
        break;
    case 'w':
    case 'a':
        flags = NO_READS;
        break;
    default:
        errno = EINVAL;
        return NULL;
    }
    if (mode[1] == '+' || (mode[1] != '\0' && mode[2] == '+'))
        flags = 0;
    access = __sockscope_getfl(fd);
    if (access == -1)
        return NULL;
    access &= 3;
    if ((access == 0 && !(flags & NO_WRITES)) || (access == 1 && !(flags & NO_READS))) {
        errno = EINVAL;
        return NULL;
    }
    FILE *f = calloc(1, sizeof *f);
    if (f == NULL)
        return NULL;
    f->fd = fd;
    f->flags = flags | MADE;
    f->next = all_streams;
    all_streams = f;
    return f;
}

int fclose(FILE *f) {
    checked(f);
    int result = 0;
    FILE **link = &all_streams;
    if (f->fd == -1) {
        errno = EBADF;
        return EOF;
    }
    while (*link != NULL && *link != f)
        link = &(*link)->next;
    if (*link == f)
        *link = f->next;
    if (f->flags & WRITING && f->to > f->first)
        result = __sockscope_flush_out(f);
    if (close(f->fd) == -1)
        result = EOF;
    f->fd = -1;
    if (f->flags & MADE) {
        free(f->own);
        free(f);
    } else {
        f->flags = NO_READS | NO_WRITES;
        set_buffer(f, f->one + SLACK, 1);
    }
    return result;
}

FILE *fopen(const char *pathname, const char *mode) {
    (void)pathname;
    (void)mode;
    __sockscope_fault("files are not modelled: there are sockets, pipes and the standard streams");
    return NULL;
}

FILE *freopen(const char *pathname, const char *mode, FILE *f) {
    (void)f;
    return fopen(pathname, mode);
}

FILE *tmpfile(void) {
    return fopen(NULL, NULL);
}

int rename(const char *oldpath, const char *newpath) {
    fopen(oldpath, newpath);
    return -1;
}

int remove(const char *pathname) {
    return unlink(pathname);
}

/* None of the kernel's files can be sought in. */
static int unseekable(FILE *f)
{
    checked(f);
    errno = f->fd < 0 ? EBADF : ESPIPE;
    return -1;
}

int fseek(FILE *f, long offset, int whence) {
    (void)offset;
    (void)whence;
    fflush(checked(f));
    return unseekable(f);
}

long ftell(FILE *f) {
    return unseekable(f);
}

void rewind(FILE *f) {
    fseek(f, 0, SEEK_SET);
    f->flags &= ~FAILED;
}
