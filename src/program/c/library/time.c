/* Clocks and calendars: time(2), clock_gettime(2), ctime(3), strftime(3). The only time zone is UTC. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

/* What a clock shows, in nanoseconds; negative if there is no such clock. No system call: the kernel gives it through
   the vDSO. */
long __sockscope_clock(int clock);
int __sockscope_fault(const char *message);

#define SECOND 1000000000L
#define DAY 86400L

char *tzname[2] = { "UTC", "UTC" };
long timezone = 0;
int daylight = 0;

static const char days[7][10] = { "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday" };
static const char months[12][10] = { "January", "February", "March", "April", "May", "June", "July", "August",
                                     "September", "October", "November", "December" };

int clock_gettime(clockid_t clk_id, struct timespec *tp) {
    long now = __sockscope_clock(clk_id);
    if (now < 0) {
        errno = EINVAL;
        return -1;
    }
    tp->tv_sec = now / SECOND;
    tp->tv_nsec = now % SECOND;
    return 0;
}

int clock_getres(clockid_t clk_id, struct timespec *res) {
    if (__sockscope_clock(clk_id) < 0) {
        errno = EINVAL;
        return -1;
    }
    if (res != NULL) {
        res->tv_sec = 0;
        res->tv_nsec = clk_id == CLOCK_REALTIME_COARSE || clk_id == CLOCK_MONOTONIC_COARSE ? 4000000 : 1;
    }
    return 0;
}

int timespec_get(struct timespec *ts, int base) {
    if (base != TIME_UTC)
        return 0;
    clock_gettime(CLOCK_REALTIME, ts);
    return base;
}

int gettimeofday(struct timeval *tv, void *tz) {
    long now = __sockscope_clock(CLOCK_REALTIME);
    if (tv != NULL) {
        tv->tv_sec = now / SECOND;
        tv->tv_usec = now % SECOND / 1000;
    }
    if (tz != NULL)
        memset(tz, 0, sizeof(struct timezone));
    return 0;
}

time_t time(time_t *tloc) {
    time_t now = __sockscope_clock(CLOCK_REALTIME) / SECOND;
    if (tloc != NULL)
        *tloc = now;
    return now;
}

clock_t clock(void) {
    return __sockscope_clock(CLOCK_PROCESS_CPUTIME_ID) / 1000;
}

double difftime(time_t time1, time_t time0) {
    return (double)(time1 - time0);
}

int clock_nanosleep(clockid_t clock_id, int flags, const struct timespec *request, struct timespec *remain) {
    struct timespec rest = *request;
    int before = errno, error = 0;
    long now = __sockscope_clock(clock_id);
    if (now < 0 || clock_id == CLOCK_THREAD_CPUTIME_ID || rest.tv_sec < 0 || rest.tv_nsec < 0 || rest.tv_nsec >= SECOND)
        return EINVAL;
    if (clock_id == CLOCK_PROCESS_CPUTIME_ID)
        __sockscope_fault("a sleep by this clock is not modelled");
    if (flags & TIMER_ABSTIME) {
        long most = 9000000000L;
        long left = (rest.tv_sec < most ? rest.tv_sec : most) * SECOND + rest.tv_nsec - now;
        if (left <= 0)
            return 0;
        rest.tv_sec = left / SECOND;
        rest.tv_nsec = left % SECOND;
        remain = NULL;
    }
    if (nanosleep(&rest, remain) < 0)
        error = errno;
    errno = before;
    return error;
}

static long floor_div(long a, long b)
{
    return a / b - (a % b < 0);
}

static int is_leap(long year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days of the months before that one. */
static int days_before(int month, int leap)
{
    static const short before[12] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
    return before[month] + (leap && month > 1);
}

/* Days from 1970-01-01 to the first day of a year. */
static long first_day(long year)
{
    long y = year - 1;
    return 365 * (year - 1970) + floor_div(y, 4) - floor_div(y, 100) + floor_div(y, 400) - 477;
}

static struct tm *broken_down(time_t t, struct tm *result, const char *zone)
{
    long day = floor_div(t, DAY), second = t - day * DAY;
    long year = 1970 + floor_div(day * 400, 146097);
    int month = 0, leap;
    while (first_day(year) > day)
        year--;
    while (first_day(year + 1) <= day)
        year++;
    if (year - 1900 > 2147483647L || year - 1900 < -2147483648L) {
        errno = EOVERFLOW;
        return NULL;
    }
    leap = is_leap(year);
    result->tm_yday = day - first_day(year);
    while (month < 11 && days_before(month + 1, leap) <= result->tm_yday)
        month++;
    result->tm_sec = second % 60;
    result->tm_min = second / 60 % 60;
    result->tm_hour = second / 3600;
    result->tm_mday = result->tm_yday - days_before(month, leap) + 1;
    result->tm_mon = month;
    result->tm_year = year - 1900;
    result->tm_wday = ((day + 4) % 7 + 7) % 7;
    result->tm_isdst = 0;
    result->tm_gmtoff = 0;
    result->tm_zone = zone;
    return result;
}

static struct tm shared;

struct tm *gmtime_r(const time_t *timep, struct tm *result) {
    return broken_down(*timep, result, "GMT");
}

struct tm *gmtime(const time_t *timep) {
    return broken_down(*timep, &shared, "GMT");
}

struct tm *localtime_r(const time_t *timep, struct tm *result) {
    return broken_down(*timep, result, "UTC");
}

struct tm *localtime(const time_t *timep) {
    return broken_down(*timep, &shared, "UTC");
}

void tzset(void) {
}

static time_t counted(struct tm *tm, const char *zone)
{
    long year = tm->tm_year + 1900L + floor_div(tm->tm_mon, 12);
    int month = tm->tm_mon - floor_div(tm->tm_mon, 12) * 12;
    long day = first_day(year) + days_before(month, is_leap(year)) + tm->tm_mday - 1L;
    time_t t = ((day * 24 + tm->tm_hour) * 60 + tm->tm_min) * 60 + tm->tm_sec;
    struct tm normal;
    if (broken_down(t, &normal, zone) == NULL)
        return -1;
    *tm = normal;
    return t;
}

time_t mktime(struct tm *tm) {
    return counted(tm, "UTC");
}

time_t timelocal(struct tm *tm) {
    return counted(tm, "UTC");
}

time_t timegm(struct tm *tm) {
    return counted(tm, "GMT");
}

/* What is out of range is shown as "???", and too long a year is an error. */
static char *as_text(const struct tm *tm, char *buf, size_t size)
{
    const char *day = tm->tm_wday < 0 || tm->tm_wday > 6 ? "???" : days[tm->tm_wday];
    const char *month = tm->tm_mon < 0 || tm->tm_mon > 11 ? "???" : months[tm->tm_mon];
    int n = snprintf(buf, size, "%.3s %.3s%3d %.2d:%.2d:%.2d %ld\n", day, month, tm->tm_mday, tm->tm_hour, tm->tm_min,
                     tm->tm_sec, tm->tm_year + 1900L);
    if (n < 0 || n >= size) {
        errno = EOVERFLOW;
        return NULL;
    }
    return buf;
}

static char text[64];

char *asctime_r(const struct tm *tm, char *buf) {
    return as_text(tm, buf, 26);
}

char *asctime(const struct tm *tm) {
    return as_text(tm, text, sizeof text);
}

char *ctime_r(const time_t *timep, char *buf) {
    struct tm tm;
    return localtime_r(timep, &tm) == NULL ? NULL : as_text(&tm, buf, 26);
}

char *ctime(const time_t *timep) {
    struct tm *tm = localtime(timep);
    return tm == NULL ? NULL : as_text(tm, text, sizeof text);
}

/* The ISO 8601 week of a day, and the year that it belongs to. */
static int iso_week(const struct tm *tm, long *year)
{
    int week = (tm->tm_yday + 10 - (tm->tm_wday + 6) % 7) / 7;
    *year = tm->tm_year + 1900L;
    if (week < 1) {
        int last = tm->tm_yday + (is_leap(--*year) ? 366 : 365);
        return (last + 10 - (tm->tm_wday + 6) % 7) / 7;
    }
    if (week == 53 && (tm->tm_yday - (tm->tm_wday + 6) % 7 + 3) >= (is_leap(*year) ? 366 : 365)) {
        ++*year;
        return 1;
    }
    return week;
}

struct output {
    char *at;
    /* How many bytes there is room for; 0 when too many were asked for. */
    size_t room;
    int failed;
};

static void append(struct output *out, const char *s, size_t length)
{
    if (length >= out->room) {
        out->failed = 1;
        return;
    }
    memcpy(out->at, s, length);
    out->at += length;
    out->room -= length;
}

static void add_text(struct output *out, const char *s, int length, int width, char pad, int upper)
{
    int i;
    for (i = length; i < width; i++)
        append(out, pad == '0' ? "0" : " ", 1);
    for (i = 0; i < length; i++) {
        char c = s[i];
        if (upper > 0 && c >= 'a' && c <= 'z')
            c -= 32;
        if (upper < 0 && c >= 'A' && c <= 'Z')
            c += 32;
        append(out, &c, 1);
    }
}

/* A number, in `digits` places unless a flag or a width says otherwise. */
static void add_number(struct output *out, long value, int digits, char usual, char pad, int width)
{
    char reversed[24];
    unsigned long rest = value < 0 ? -(unsigned long)value : value;
    int count = 0;
    if (pad == 0)
        pad = usual;
    do {
        reversed[count++] = '0' + rest % 10;
        rest /= 10;
    } while (rest != 0);
    if (width > digits)
        digits = width;
    if (pad == '-') {
        digits = width;
        pad = '_';
    }
    if (value < 0)
        digits--;
    if (pad == '_') {
        for (; digits > count; digits--)
            append(out, " ", 1);
    }
    if (value < 0)
        append(out, "-", 1);
    for (; digits > count; digits--)
        append(out, "0", 1);
    while (count > 0)
        append(out, &reversed[--count], 1);
}

static void format_time(struct output *out, const char *format, const struct tm *tm, int all_upper)
{
    int hour12 = tm->tm_hour % 12 == 0 ? 12 : tm->tm_hour % 12;
    long year = tm->tm_year + 1900L, week_year;
    for (; *format != '\0'; format++) {
        char pad = 0;
        int upper = all_upper, swap = 0, width = -1;
        const char *start = format, *part = NULL;
        long value = 0;
        int digits = 2;
        char usual = '0';
        if (*format != '%') {
            append(out, format, 1);
            continue;
        }
        for (format++;; format++) {
            if (*format == '_' || *format == '-' || *format == '0')
                pad = *format;
            else if (*format == '^')
                upper = 1;
            else if (*format == '#')
                swap = 1;
            else
                break;
        }
        if (*format >= '0' && *format <= '9') {
            width = 0;
            for (; *format >= '0' && *format <= '9'; format++)
                width = width < 100000 ? width * 10 + (*format - '0') : width;
        }
        if (*format == 'E' || *format == 'O')
            format++;
        switch (*format) {
        case '%': part = "%"; break;
        case 'n': part = "\n"; break;
        case 't': part = "\t"; break;
        case 'a': case 'A':
            part = tm->tm_wday < 0 || tm->tm_wday > 6 ? "?" : days[tm->tm_wday];
            digits = *format == 'a' ? 3 : 10;
            upper |= swap;
            break;
        case 'b': case 'h': case 'B':
            part = tm->tm_mon < 0 || tm->tm_mon > 11 ? "?" : months[tm->tm_mon];
            digits = *format == 'B' ? 10 : 3;
            upper |= swap;
            break;
        case 'p': case 'P':
            part = tm->tm_hour > 11 ? "PM" : "AM";
            if (swap || *format == 'P')
                upper = -1;
            break;
        case 'Z':
            part = tm->tm_zone == NULL ? "" : tm->tm_zone;
            digits = 100;
            if (swap)
                upper = -1;
            break;
        case 'c': part = "%a %b %e %H:%M:%S %Y"; break;
        case 'D': case 'x': part = "%m/%d/%y"; break;
        case 'F': part = "%Y-%m-%d"; break;
        case 'R': part = "%H:%M"; break;
        case 'r': part = "%I:%M:%S %p"; break;
        case 'T': case 'X': part = "%H:%M:%S"; break;
        case 'C': value = floor_div(year, 100); digits = 1; break;
        case 'd': value = tm->tm_mday; break;
        case 'e': value = tm->tm_mday; usual = '_'; break;
        case 'g': iso_week(tm, &week_year); value = (week_year % 100 + 100) % 100; break;
        case 'G': iso_week(tm, &week_year); value = week_year; digits = 1; break;
        case 'H': value = tm->tm_hour; break;
        case 'I': value = hour12; break;
        case 'j': value = tm->tm_yday + 1; digits = 3; break;
        case 'k': value = tm->tm_hour; usual = '_'; break;
        case 'l': value = hour12; usual = '_'; break;
        case 'm': value = tm->tm_mon + 1; break;
        case 'M': value = tm->tm_min; break;
        case 's': { struct tm copy = *tm; value = counted(&copy, "UTC"); digits = 1; break; }
        case 'S': value = tm->tm_sec; break;
        case 'u': value = (tm->tm_wday + 6) % 7 + 1; digits = 1; break;
        case 'U': value = (tm->tm_yday - tm->tm_wday + 7) / 7; break;
        case 'V': value = iso_week(tm, &week_year); break;
        case 'w': value = tm->tm_wday; digits = 1; break;
        case 'W': value = (tm->tm_yday - (tm->tm_wday + 6) % 7 + 7) / 7; break;
        case 'y': value = (year % 100 + 100) % 100; break;
        case 'Y': value = year; digits = 1; break;
        case 'z': {
            long minutes = tm->tm_gmtoff / 60;
            add_text(out, minutes < 0 ? "-" : "+", 1, width, pad, 0);
            minutes = minutes < 0 ? -minutes : minutes;
            value = minutes / 60 * 100 + minutes % 60;
            digits = 4;
            break;
        }
        default:
            /* What it does not know stays as it is. */
            add_text(out, start, format - start + (*format != '\0'), width, pad, 0);
            if (*format == '\0')
                return;
            continue;
        }
        if (part == NULL) {
            add_number(out, value, digits, usual, pad, width);
        } else if (part[0] == '%' && part[1] != '\0') {
            char inner[256];
            struct output nested = { inner, sizeof inner, 0 };
            format_time(&nested, part, tm, upper);
            add_text(out, inner, nested.at - inner, width, pad, 0);
        } else {
            int length = strlen(part);
            if ((*format == 'a' || *format == 'b' || *format == 'h') && length > digits)
                length = digits;
            add_text(out, part, length, width, pad, upper);
        }
    }
}

size_t strftime(char *s, size_t max, const char *format, const struct tm *tm) {
    struct output out = { s, max, 0 };
    format_time(&out, format, tm, 0);
    if (out.failed || out.room == 0) {
        errno = ERANGE;
        return 0;
    }
    *out.at = '\0';
    return out.at - s;
}
