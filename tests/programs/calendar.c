#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

static void show(const struct tm *tm)
{
    printf("%d-%d-%d %d:%d:%d wday %d yday %d dst %d off %ld %s\n", tm->tm_year, tm->tm_mon, tm->tm_mday, tm->tm_hour,
           tm->tm_min, tm->tm_sec, tm->tm_wday, tm->tm_yday, tm->tm_isdst, tm->tm_gmtoff, tm->tm_zone);
}

int main(void)
{
    static const long times[] = { 0, 1, 59, 86399, 86400, -1, -86400, -86401, 951782400, 951868799, 951868800, 68169600,
        1767225600, 1798761599, 2147483647, 2147483648, -2147483648L, 4102444800, -62135596800, -62167219200, -62167219201,
        253402300799, 253402300800, 67767976233529999, 67767976233532799, 67768036191676799, 67768036191676800,
        -67768040609740800, -67768040609740801 };
    static const char *const formats[] = { "%a %A %b %B %h %c|%C", "%d|%D|%e|%F|%g|%G|%H|%I|%j|%k|%l|%m|%M|%n|%p|%P",
        "%r|%R|%s|%S|%t|%T|%u|%U|%V|%w|%W|%x|%X|%y|%Y|%z|%Z|%%", "%_d|%-d|%_m|%-m|%05d|%_5d|%-5d|%10Y|%_10Y|%-Y|%_H|%-H|%-I|%_I",
        "%^a|%#a|%^B|%#p|%#Z|%10a|%-10a|%_10a|%010a|%^10b|%^c|%5%|%Ec|%Od|%+", "%Q|%E|%5Q|%", "%3e|%03e|%_3e|%5j|%-j|%_j|%4C|%2y|%_y|%6z|%-z|%_6z|%10F|%12D|%12T" };
    struct tm tm, *p;
    char text[512];
    size_t i, j;
    for (i = 0; i < sizeof times / sizeof times[0]; i++) {
        time_t t = times[i], back;
        errno = 0;
        p = gmtime(&t);
        printf("%ld: ", (long)t);
        if (p == NULL) {
            printf("%s\n", strerror(errno));
            continue;
        }
        tm = *p;
        show(&tm);
        if (t > -62167219200 && t < 253402300800)
            printf("%s", asctime(&tm));
        back = timegm(&tm);
        printf("%d\n", back == t);
    }
    for (i = 0; i < 12; i++) {
        time_t t = times[i] + 3600 * 13 + 61;
        gmtime_r(&t, &tm);
        for (j = 0; j < sizeof formats / sizeof formats[0]; j++) {
            size_t n = strftime(text, sizeof text, formats[j], &tm);
            printf("%zu %s\n", n, n ? text : "-");
        }
    }
    /* The weeks around the turns of years. */
    for (i = 0; i < 30; i++) {
        for (j = 0; j < 7; j++) {
            time_t t = 86400 * (365 * i + i / 4 - 3 + j);
            strftime(text, sizeof text, "%F %G %g %V %U %W %u %w %j", gmtime(&t));
            printf("%s\n", text);
        }
    }
    for (i = 0; i < 30; i++) {
        memset(&tm, 0, sizeof tm);
        tm.tm_year = 100 + i;
        tm.tm_mon = (int)i * 7 - 60;
        tm.tm_mday = (int)i * 40 - 300;
        tm.tm_hour = (int)i * 100 - 900;
        tm.tm_min = (int)i * -70;
        tm.tm_sec = (int)i * 5000;
        printf("%ld ", (long)mktime(&tm));
        show(&tm);
    }
    memset(&tm, 0, sizeof tm);
    tm.tm_year = 2147483647;
    tm.tm_mon = 12;
    errno = 0;
    printf("%ld %s\n", (long)timegm(&tm), strerror(errno));
    memset(&tm, 0, sizeof tm);
    tm.tm_mday = 1;
    for (i = 0; i < 8; i++) {
        static const int years[] = { -1900, -1899, -1801, -905, -2000, 8099, 8100, 0 };
        tm.tm_year = years[i];
        printf("%zu ", strftime(text, sizeof text, "%Y|%C|%y|%G|%F|%5Y|%_Y|%_5Y", &tm));
        printf("%s\n", text);
    }
    tm.tm_wday = 9;
    tm.tm_mon = -3;
    printf("%zu ", strftime(text, sizeof text, "%a|%A|%b|%B", &tm));
    printf("%s\n", text);
    tm.tm_wday = tm.tm_mon = 3;
    for (i = 0; i < 14; i++) {
        size_t n = strftime(text, i, "%H:%M:%S xx", &tm);
        printf("%zu:%s\n", n, n > 0 ? text : "");
    }
    printf("%zu\n", strftime(text, 10, "", &tm));
    printf("%.1f %.1f\n", difftime(5, 3), difftime(3, 5));
    {
        struct timeval a = { 1, 900000 }, b = { 2, 200000 }, c;
        struct timespec s = { 0, 1000000000 };
        timeradd(&a, &b, &c);
        printf("%ld.%06ld\n", (long)c.tv_sec, (long)c.tv_usec);
        timersub(&b, &a, &c);
        printf("%ld.%06ld %d %d %d\n", (long)c.tv_sec, (long)c.tv_usec, timercmp(&a, &b, <), timercmp(&a, &b, ==), timerisset(&c) != 0);
        timerclear(&c);
        printf("%d\n", timerisset(&c));
        errno = 0;
        printf("%d %s\n", clock_nanosleep(CLOCK_MONOTONIC, 0, &s, NULL), strerror(errno));
        s.tv_nsec = 5;
        printf("%d\n", clock_nanosleep(99, 0, &s, NULL));
        printf("%d %s\n", clock_gettime(99, &s), strerror(errno));
        s.tv_sec = 0;
        printf("%d\n", clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &s, NULL));
    }
    {
        struct timespec one, two;
        time_t now = time(NULL);
        clock_gettime(CLOCK_MONOTONIC, &one);
        clock_gettime(CLOCK_MONOTONIC, &two);
        printf("%d %d\n", two.tv_sec > one.tv_sec || (two.tv_sec == one.tv_sec && two.tv_nsec >= one.tv_nsec), now > 1767225599);
        clock_getres(CLOCK_MONOTONIC, &one);
        printf("%ld %ld %d\n", (long)one.tv_sec, one.tv_nsec, clock() >= 0);
    }
    return 0;
}
