/* <string.h> and <strings.h>, but for what the machine does itself: memset(), memcpy(), memmove(), memcmp(), strlen(). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *__sockscope_message(int errnum);

void bzero(void *s, size_t n) {
    memset(s, 0, n);
}

void explicit_bzero(void *s, size_t n) {
    memset(s, 0, n);
}

void bcopy(const void *src, void *dest, size_t n) {
    memmove(dest, src, n);
}

int bcmp(const void *s1, const void *s2, size_t n) {
    return memcmp(s1, s2, n);
}

void *mempcpy(void *restrict dest, const void *restrict src, size_t n) {
    return (char *)memcpy(dest, src, n) + n;
}

void *memccpy(void *restrict dest, const void *restrict src, int c, size_t n) {
    char *to = dest;
    const char *from = src;
    while (n-- > 0) {
        if ((*to++ = *from++) == (char)c)
            return to;
    }
    return NULL;
}

/* It reads no further than the byte that it finds. */
void *memchr(const void *s, int c, size_t n) {
    const char *at = s;
    for (; n > 0; n--, at++) {
        if (*at == (char)c)
            return (void *)at;
    }
    return NULL;
}

void *memrchr(const void *s, int c, size_t n) {
    const char *start = s;
    while (n-- > 0) {
        if (start[n] == (char)c)
            return (void *)(start + n);
    }
    return NULL;
}

void *rawmemchr(const void *s, int c) {
    const char *at = s;
    while (*at != (char)c)
        at++;
    return (void *)at;
}

void *memmem(const void *haystack, size_t haystacklen, const void *needle, size_t needlelen) {
    const char *at = haystack, *wanted = needle;
    if (needlelen == 0)
        return (void *)at;
    for (; haystacklen >= needlelen; haystacklen--, at++) {
        if (*at == *wanted && memcmp(at, wanted, needlelen) == 0)
            return (void *)at;
    }
    return NULL;
}

void *memfrob(void *s, size_t n) {
    char *at = s;
    while (n-- > 0)
        *at++ ^= 42;
    return s;
}

void swab(const void *restrict from, void *restrict to, ssize_t n) {
    const char *a = from;
    char *b = to;
    for (; n > 1; n -= 2, a += 2, b += 2) {
        char first = a[0];
        b[0] = a[1];
        b[1] = first;
    }
}

size_t strnlen(const char *s, size_t maxlen) {
    const char *end = memchr(s, '\0', maxlen);
    return end != NULL ? end - s : maxlen;
}

char *strcpy(char *restrict dest, const char *restrict src) {
    return memmove(dest, src, strlen(src) + 1);
}

char *strncpy(char *restrict dest, const char *restrict src, size_t n) {
    size_t length = strnlen(src, n);
    memmove(dest, src, length);
    memset(dest + length, '\0', n - length);
    return dest;
}

/* It stops at the first difference and reads no further. */
int strncmp(const char *s1, const char *s2, size_t n) {
    for (; n > 0; n--, s1++, s2++) {
        int a = (unsigned char)*s1, b = (unsigned char)*s2;
        if (a != b || a == '\0')
            return a - b;
    }
    return 0;
}

int strcmp(const char *s1, const char *s2) {
    return strncmp(s1, s2, -1);
}

char *stpcpy(char *restrict dest, const char *restrict src) {
    size_t length = strlen(src);
    return (char *)memcpy(dest, src, length + 1) + length;
}

char *stpncpy(char *restrict dest, const char *restrict src, size_t n) {
    strncpy(dest, src, n);
    return dest + strnlen(dest, n);
}

char *strcat(char *restrict dest, const char *restrict src) {
    strcpy(dest + strlen(dest), src);
    return dest;
}

char *strncat(char *restrict dest, const char *restrict src, size_t n) {
    size_t before = strlen(dest), length = strnlen(src, n);
    memcpy(dest + before, src, length);
    dest[before + length] = '\0';
    return dest;
}

size_t strlcpy(char *restrict dst, const char *restrict src, size_t size) {
    size_t length = strlen(src);
    if (size > 0) {
        size_t kept = length < size ? length : size - 1;
        memcpy(dst, src, kept);
        dst[kept] = '\0';
    }
    return length;
}

size_t strlcat(char *restrict dst, const char *restrict src, size_t size) {
    size_t before = strnlen(dst, size);
    return before + strlcpy(dst + before, src, size - before);
}

static int difference(const char *s1, const char *s2, size_t n)
{
    for (; n > 0; n--, s1++, s2++) {
        int a = (unsigned char)*s1, b = (unsigned char)*s2;
        a = a >= 'A' && a <= 'Z' ? a + 32 : a;
        b = b >= 'A' && b <= 'Z' ? b + 32 : b;
        if (a != b || a == 0)
            return a - b;
    }
    return 0;
}

int strcasecmp(const char *s1, const char *s2) {
    return difference(s1, s2, -1);
}

int strncasecmp(const char *s1, const char *s2, size_t n) {
    return difference(s1, s2, n);
}

int strcoll(const char *s1, const char *s2) {
    return strcmp(s1, s2);
}

size_t strxfrm(char *restrict dest, const char *restrict src, size_t n) {
    size_t length = strlen(src);
    if (n > 0)
        memcpy(dest, src, length < n ? length + 1 : n);
    return length;
}

/* The end of a string is part of it. */
char *strchrnul(const char *s, int c) {
    while (*s != (char)c && *s != '\0')
        s++;
    return (char *)s;
}

char *strchr(const char *s, int c) {
    while (*s != (char)c) {
        if (*s++ == '\0')
            return NULL;
    }
    return (char *)s;
}

char *strrchr(const char *s, int c) {
    return memrchr(s, c, strlen(s) + 1);
}

char *index(const char *s, int c) {
    return strchr(s, c);
}

char *rindex(const char *s, int c) {
    return strrchr(s, c);
}

char *strstr(const char *haystack, const char *needle) {
    size_t length = strlen(needle);
    do {
        if (strncmp(haystack, needle, length) == 0)
            return (char *)haystack;
    } while (*haystack++ != '\0');
    return NULL;
}

char *strcasestr(const char *haystack, const char *needle) {
    size_t length = strlen(needle);
    do {
        if (difference(haystack, needle, length) == 0)
            return (char *)haystack;
    } while (*haystack++ != '\0');
    return NULL;
}

/* How far it goes with bytes of a set, or with others. */
static size_t span(const char *s, const char *set, int in)
{
    char is[256] = { 0 };
    size_t length = 0;
    for (; *set != '\0'; set++)
        is[(unsigned char)*set] = 1;
    while (s[length] != '\0' && is[(unsigned char)s[length]] == in)
        length++;
    return length;
}

size_t strspn(const char *s, const char *accept) {
    return span(s, accept, 1);
}

size_t strcspn(const char *s, const char *reject) {
    return span(s, reject, 0);
}

char *strpbrk(const char *s, const char *accept) {
    s += span(s, accept, 0);
    return *s != '\0' ? (char *)s : NULL;
}

char *strtok_r(char *restrict str, const char *restrict delim, char **restrict saveptr) {
    char *end;
    if (str == NULL)
        str = *saveptr;
    if (str == NULL)
        return NULL;
    str += span(str, delim, 1);
    end = str + span(str, delim, 0);
    if (end == str) {
        *saveptr = end;
        return NULL;
    }
    if (*end != '\0')
        *end++ = '\0';
    *saveptr = end;
    return str;
}

char *strtok(char *restrict str, const char *restrict delim) {
    static char *rest;
    return strtok_r(str, delim, &rest);
}

char *strsep(char **restrict stringp, const char *restrict delim) {
    char *start = *stringp, *end;
    if (start == NULL)
        return NULL;
    end = start + span(start, delim, 0);
    *stringp = *end != '\0' ? end + 1 : NULL;
    *end = '\0';
    return start;
}

char *strdup(const char *s) {
    size_t size = strlen(s) + 1;
    char *copy = malloc(size);
    return copy != NULL ? memcpy(copy, s, size) : NULL;
}

char *strndup(const char *s, size_t n) {
    size_t length = strnlen(s, n);
    char *copy = malloc(length + 1);
    if (copy == NULL)
        return NULL;
    copy[length] = '\0';
    return memcpy(copy, s, length);
}

int ffsll(long long i) {
    int bit;
    for (bit = 0; bit < 64; bit++) {
        if (i >> bit & 1)
            return bit + 1;
    }
    return 0;
}

int ffs(int i) {
    return ffsll((unsigned)i);
}

int ffsl(long i) {
    return ffsll(i);
}

/* What is said of each error, once it has been asked for; NULL if there is no such error. */
static char *message(int errnum)
{
    static char *texts[134];
    if (errnum < 0 || errnum >= 134)
        return NULL;
    if (texts[errnum] == NULL)
        texts[errnum] = __sockscope_message(errnum);
    return texts[errnum];
}

char *strerror(int errnum) {
    static char unknown[32];
    char *text = message(errnum);
    if (text != NULL)
        return text;
    sprintf(unknown, "Unknown error %d", errnum);
    return unknown;
}

/* GNU's and POSIX's. */
char *strerror_r(int errnum, char *buf, size_t buflen) {
    char *text = message(errnum);
    if (text != NULL)
        return text;
    snprintf(buf, buflen, "Unknown error %d", errnum);
    return buf;
}

int __xpg_strerror_r(int errnum, char *buf, size_t buflen) {
    const char *text = strerror(errnum);
    strlcpy(buf, text, buflen);
    return message(errnum) == NULL ? EINVAL : strlen(text) >= buflen ? ERANGE : 0;
}

static const char *const signals[] = { NULL, "HUP\0Hangup", "INT\0Interrupt", "QUIT\0Quit", "ILL\0Illegal instruction",
    "TRAP\0Trace/breakpoint trap", "ABRT\0Aborted", "BUS\0Bus error", "FPE\0Floating point exception", "KILL\0Killed",
    "USR1\0User defined signal 1", "SEGV\0Segmentation fault", "USR2\0User defined signal 2", "PIPE\0Broken pipe",
    "ALRM\0Alarm clock", "TERM\0Terminated", "STKFLT\0Stack fault", "CHLD\0Child exited", "CONT\0Continued",
    "STOP\0Stopped (signal)", "TSTP\0Stopped", "TTIN\0Stopped (tty input)", "TTOU\0Stopped (tty output)",
    "URG\0Urgent I/O condition", "XCPU\0CPU time limit exceeded", "XFSZ\0File size limit exceeded",
    "VTALRM\0Virtual timer expired", "PROF\0Profiling timer expired", "WINCH\0Window changed", "POLL\0I/O possible",
    "PWR\0Power failure", "SYS\0Bad system call" };

const char *sigabbrev_np(int sig) {
    return sig > 0 && sig < 32 ? signals[sig] : NULL;
}

const char *sigdescr_np(int sig) {
    return sig > 0 && sig < 32 ? signals[sig] + strlen(signals[sig]) + 1 : NULL;
}

char *strsignal(int sig) {
    static char text[40];
    if (sigdescr_np(sig) != NULL)
        return (char *)sigdescr_np(sig);
    if (sig >= 34 && sig <= 64)
        sprintf(text, "Real-time signal %d", sig - 34);
    else
        sprintf(text, "Unknown signal %d", sig);
    return text;
}

void psignal(int sig, const char *s) {
    if (s != NULL && *s != '\0')
        fprintf(stderr, "%s: %s\n", s, strsignal(sig));
    else
        fprintf(stderr, "%s\n", strsignal(sig));
}
