/* The printf family. The machine converts one piece of a format at a time. */
#include <sockscope/file.h>
#include <stdarg.h>

struct piece {
    const char *format;
    const char *text;
    char *room;
    size_t size;
    long total;
};

/* The length of the next piece, and where it is; -1 at the end. Without a text it needs so much room. */
long __sockscope_piece(struct piece *piece, va_list ap);

/* Where pieces go: a stream, or memory that may have an end or may grow. */
struct sink {
    FILE *stream;
    char *at;
    size_t left;
    char **grows;
};

static int sink_take(struct sink *to, const char *text, size_t size, size_t total)
{
    if (to->stream != NULL)
        return __sockscope_put(to->stream, text, size) == size;
    if (to->grows != NULL) {
        char *more = realloc(*to->grows, total + size + 1);
        if (more == NULL)
            return 0;
        *to->grows = more;
        memcpy(more + total, text, size);
        return 1;
    }
    if (size > to->left)
        size = to->left;
    if (size > 0)
        memcpy(to->at, text, size);
    to->at += size;
    to->left -= size;
    return 1;
}

static int print_all(struct sink *to, const char *format, va_list ap)
{
    char room[512];
    struct piece piece = { format, NULL, room, sizeof room, 0 };
    long n;
    while ((n = __sockscope_piece(&piece, ap)) >= 0) {
        if (piece.text == NULL) {
            piece.room = malloc(n);
            piece.size = n;
            if (piece.room == NULL)
                return -1;
            continue;
        }
        int taken = n == 0 || sink_take(to, piece.text, n, piece.total);
        piece.total += n;
        if (piece.room != room) {
            free(piece.room);
            piece.room = room;
            piece.size = sizeof room;
        }
        if (!taken)
            return -1;
    }
    return piece.total;
}

/* A stream with a buffer for the length of one call. */
static int print_at_once(int fd, int *flags, char *buffer, size_t size, const char *format, va_list ap)
{
    FILE helper = { fd, WRITING | NO_READS, buffer, buffer + size, buffer, buffer, buffer, buffer, buffer + size };
    struct sink to = { &helper };
    int n = print_all(&to, format, ap);
    if (helper.to > helper.first && __sockscope_flush_out(&helper) == EOF)
        n = -1;
    *flags |= helper.flags & FAILED;
    return n;
}

static int print_unbuffered(FILE *f, const char *format, va_list ap)
{
    char buffer[BUFSIZ];
    return print_at_once(f->fd, &f->flags, buffer, sizeof buffer, format, ap);
}

int vfprintf(FILE *f, const char *format, va_list ap) {
    struct sink to = { f };
    if (f == NULL)
        __sockscope_fault("the stream is a null pointer");
    if (f->flags & NO_WRITES)
        return __sockscope_overflow(f, EOF);
    if (f->flags & UNBUFFERED)
        return print_unbuffered(f, format, ap);
    return print_all(&to, format, ap);
}

int vprintf(const char *format, va_list ap) {
    return vfprintf(stdout, format, ap);
}

int printf(const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    return vfprintf(stdout, format, ap);
}

int fprintf(FILE *f, const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    return vfprintf(f, format, ap);
}

int vdprintf(int fd, const char *format, va_list ap) {
    char buffer[4096];
    int flags = 0;
    return print_at_once(fd, &flags, buffer, sizeof buffer, format, ap);
}

int dprintf(int fd, const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    return vdprintf(fd, format, ap);
}

int vsnprintf(char *str, size_t size, const char *format, va_list ap) {
    struct sink to = { NULL, str, size == 0 ? 0 : size - 1 };
    int n = print_all(&to, format, ap);
    if (size > 0)
        *to.at = '\0';
    return n;
}

int snprintf(char *str, size_t size, const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    return vsnprintf(str, size, format, ap);
}

int vsprintf(char *str, const char *format, va_list ap) {
    return vsnprintf(str, (size_t)-1, format, ap);
}

int sprintf(char *str, const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    return vsnprintf(str, (size_t)-1, format, ap);
}

int vasprintf(char **strp, const char *format, va_list ap) {
    char *text = malloc(1);
    struct sink to = { NULL, NULL, 0, &text };
    int n = text == NULL ? -1 : print_all(&to, format, ap);
    if (n < 0) {
        free(text);
        return -1;
    }
    text[n] = '\0';
    *strp = text;
    return n;
}

int asprintf(char **strp, const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    return vasprintf(strp, format, ap);
}

void perror(const char *s) {
    fprintf(stderr, s != NULL && *s != '\0' ? "%s: %m\n" : "%m\n", s);
}
