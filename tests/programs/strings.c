#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static int sign(int n)
{
    return n < 0 ? -1 : n > 0;
}

static long at(const void *found, const void *start)
{
    return found == NULL ? -1 : (const char *)found - (const char *)start;
}

static void find(const char *s, int c)
{
    size_t n = strlen(s);
    printf("%s %d: %ld %ld %ld %ld %ld %ld %ld %ld %ld\n", s, c, at(strchr(s, c), s), at(strrchr(s, c), s), at(index(s, c), s),
           at(rindex(s, c), s), at(strchrnul(s, c), s), at(memchr(s, c, n), s), at(memrchr(s, c, n), s), at(memchr(s, c, n + 1), s),
           at(memchr(s, c, 0), s));
}

static void search(const char *a, const char *b)
{
    printf("'%s' '%s': %ld %ld %ld %zu %zu %ld %d %d %d %d %d %d\n", a, b, at(strstr(a, b), a), at(strcasestr(a, b), a),
           at(memmem(a, strlen(a), b, strlen(b)), a), strspn(a, b), strcspn(a, b), at(strpbrk(a, b), a), sign(strcmp(a, b)),
           sign(strcasecmp(a, b)), sign(strncasecmp(a, b, 3)), sign(strncmp(a, b, 3)), sign(strcoll(a, b)), sign(strncasecmp(a, b, 0)));
}

static void cut(const char *text, const char *set)
{
    char copy[64], *save, *rest = copy, *word;
    strcpy(copy, text);
    for (word = strtok(copy, set); word != NULL; word = strtok(NULL, set))
        printf("[%s]", word);
    printf("%d ", strtok(NULL, set) == NULL);
    strcpy(copy, text);
    for (word = strtok_r(copy, set, &save); word != NULL; word = strtok_r(NULL, set, &save))
        printf("(%s)", word);
    strcpy(copy, text);
    while ((word = strsep(&rest, set)) != NULL)
        printf("<%s>", word);
    printf("\n");
}

int main(void)
{
    static const char *const words[] = { "", "a", "ab", "abc", "ABC", "aBcabc", "hello, world", "  two  spaces ", "aaab", "\xe4\xf6", "b" };
    char buf[64], other[64], *p;
    size_t i, j;
    int c;
    for (i = 0; i < 11; i++) {
        find(words[i], 'a');
        find(words[i], 'b');
        find(words[i], 0);
        find(words[i], 0x161);
        for (j = 0; j < 11; j++)
            search(words[i], words[j]);
    }
    cut("a,b,,c", ",");
    cut(",,a b;c,", ", ;");
    cut("", ",");
    cut(",", ",");
    cut("alone", ",");
    cut("all", "");
    for (i = 0; i < 9; i++) {
        memset(buf, '#', sizeof buf);
        p = stpncpy(buf, "hello", i);
        printf("%ld %.2x%.2x%.2x ", at(p, buf), buf[4], buf[5], buf[6]);
        strcpy(buf, "ab");
        strncat(buf, "hello", i);
        printf("%s %zu %zu\n", buf, strnlen("hello", i), strxfrm(other, "hello", i + 1));
    }
    p = stpcpy(buf, "one");
    p = stpcpy(p, " two");
    strcat(buf, "!");
    printf("%s %ld\n", buf, at(p, buf));
    p = mempcpy(buf, "12345", 3);
    printf("%ld %.3s\n", at(p, buf), buf);
    p = memccpy(buf, "abc:def", ':', 7);
    printf("%ld %.4s %d\n", at(p, buf), buf, memccpy(buf, "abc", ':', 3) == NULL);
    printf("%ld\n", at(rawmemchr("abcabc", 'c'), "abcabc") >= 0);
    p = strdup("copy");
    printf("%s ", p);
    free(p);
    p = strndup("copied", 4);
    printf("%s ", p);
    free(p);
    p = strndup("abc", 10);
    printf("%s\n", p);
    free(p);
    swab("badcfe", buf, 6);
    printf("%.6s\n", buf);
    strcpy(buf, "secret");
    memfrob(buf, 6);
    memfrob(buf, 6);
    bcopy(buf, other, 7);
    printf("%s %d\n", other, bcmp(buf, other, 7));
    bzero(buf, 3);
    explicit_bzero(other, 7);
    printf("%d %d %c\n", buf[0], other[6], buf[3]);
    bcopy("ab", other, 2);
    bcopy(other, other + 1, 2);
    printf("%.3s\n", other);
    for (c = -2; c < 133; c++) {
        printf("%d %s|%s|", c, strerror(c), strerror_r(c, buf, 12));
        printf("%d %s\n", __xpg_strerror_r(c, buf, 30), buf);
    }
    for (c = -1; c < 67; c++)
        printf("%s %s\n", strsignal(c), sigabbrev_np(c) ? sigabbrev_np(c) : "-");
    for (c = -1; c < 256; c++)
        printf("%d%d%d%d%d%d%d%d%d%d%d%d %d %d %d %d\n", !!isalnum(c), !!isalpha(c), !!isblank(c), !!iscntrl(c), !!isdigit(c), !!isgraph(c),
               !!islower(c), !!isprint(c), !!ispunct(c), !!isspace(c), !!isupper(c), !!isxdigit(c), tolower(c), toupper(c), !!isascii(c), toascii(c));
    printf("%d %d %d %d %d\n", ffs(0), ffs(1), ffs(-2147483647 - 1), ffsl(1L << 40), ffsll(6));
    printf("%s %s %d\n", setlocale(LC_ALL, NULL), setlocale(LC_ALL, "C"), setlocale(LC_ALL, "xx_YY") == NULL);
    printf("%s|%s|%d\n", localeconv()->decimal_point, localeconv()->thousands_sep, localeconv()->frac_digits);
    printf("%s %s\n", strerror(1), strerror(2));
    printf("%s %s %s %s\n", basename("/usr/lib"), basename("/usr/"), basename("usr"), basename("/"));
    return 0;
}
