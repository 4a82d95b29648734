/* Messages on standard error: err(3), error(3). */
#include <err.h>
#include <errno.h>
#include <error.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The name that the program was called by. */
char *__sockscope_program(void);

unsigned int error_message_count;
int error_one_per_line;
void (*error_print_progname)(void);

char **__program_invocation_name(void) {
    static char *name;
    if (name == NULL)
        name = __sockscope_program();
    return &name;
}

char **__program_invocation_short_name(void) {
    static char *name;
    if (name == NULL) {
        char *slash = strrchr(*__program_invocation_name(), '/');
        name = slash != NULL ? slash + 1 : *__program_invocation_name();
    }
    return &name;
}

void vwarnx(const char *fmt, va_list ap) {
    fprintf(stderr, "%s: ", *__program_invocation_short_name());
    if (fmt != NULL)
        vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
}

void vwarn(const char *fmt, va_list ap) {
    int error = errno;
    fprintf(stderr, "%s: ", *__program_invocation_short_name());
    if (fmt != NULL) {
        vfprintf(stderr, fmt, ap);
        fputs(": ", stderr);
    }
    errno = error;
    fprintf(stderr, "%s\n", strerror(error));
}

void verr(int eval, const char *fmt, va_list ap) {
    vwarn(fmt, ap);
    exit(eval);
}

void verrx(int eval, const char *fmt, va_list ap) {
    vwarnx(fmt, ap);
    exit(eval);
}

void warn(const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    vwarn(fmt, ap);
    va_end(ap);
}

void warnx(const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    vwarnx(fmt, ap);
    va_end(ap);
}

void err(int eval, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    vwarn(fmt, ap);
    va_end(ap);
    exit(eval);
}

void errx(int eval, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    vwarnx(fmt, ap);
    va_end(ap);
    exit(eval);
}

static void report(int status, int errnum, const char *file, unsigned line, const char *format, va_list ap)
{
    fflush(stdout);
    if (error_print_progname != NULL)
        error_print_progname();
    else
        fprintf(stderr, file != NULL ? "%s:" : "%s: ", *__program_invocation_name());
    if (file != NULL)
        fprintf(stderr, "%s:%u: ", file, line);
    vfprintf(stderr, format, ap);
    error_message_count++;
    if (errnum != 0)
        fprintf(stderr, ": %s", strerror(errnum));
    fputc('\n', stderr);
    if (status != 0)
        exit(status);
}

void error(int status, int errnum, const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    report(status, errnum, NULL, 0, format, ap);
    va_end(ap);
}

void error_at_line(int status, int errnum, const char *filename, unsigned int linenum, const char *format, ...) {
    static const char *file;
    static unsigned line;
    va_list ap;
    if (error_one_per_line && file != NULL && line == linenum && strcmp(file, filename) == 0)
        return;
    file = filename;
    line = linenum;
    va_start(ap, format);
    report(status, errnum, filename, linenum, format, ap);
    va_end(ap);
}
