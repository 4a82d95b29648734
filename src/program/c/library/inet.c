/* Addresses as text: inet_pton(3), inet_ntop(3), inet_aton(3) and their relatives. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'z' ? c - 'a' + 10 : 99;
}

/* Four decimal numbers without leading zeros, and nothing else. */
static int four(const char *src, unsigned char *to)
{
    int i;
    for (i = 0; i < 4; i++) {
        int value = 0, digits = 0;
        for (; *src >= '0' && *src <= '9'; src++) {
            value = value * 10 + (*src - '0');
            if ((digits++ > 0 && value < 10) || value > 255)
                return 0;
        }
        if (digits == 0 || *src != (i < 3 ? '.' : '\0'))
            return 0;
        to[i] = value;
        src++;
    }
    return 1;
}

/* RFC 4291, 2.2. */
static int groups(const char *src, unsigned char *to)
{
    unsigned char ip[16];
    int length = 0, gap = -1;
    if (src[0] == ':' && *++src != ':')
        return 0;
    while (*src != '\0') {
        int value = 0, digits = 0;
        if (*src == ':') {
            if (gap >= 0)
                return 0;
            gap = length;
            src++;
            continue;
        }
        if (length <= 12 && four(src, ip + length)) {
            length += 4;
            break;
        }
        for (; digit_value(src[digits]) < 16; digits++) {
            if (digits == 4)
                return 0;
            value = value * 16 + digit_value(src[digits]);
        }
        src += digits;
        if (digits == 0 || length == 16)
            return 0;
        ip[length++] = value >> 8;
        ip[length++] = value;
        if (*src == ':' && *++src == '\0')
            return 0;
        else if (src[-1] != ':' && *src != '\0')
            return 0;
    }
    if (gap < 0 ? length != 16 : length == 16)
        return 0;
    memset(to, 0, 16);
    if (gap < 0)
        gap = 16;
    memcpy(to, ip, gap < length ? gap : length);
    if (gap < length)
        memcpy(to + 16 - (length - gap), ip + gap, length - gap);
    return 1;
}

int inet_pton(int af, const char *restrict src, void *restrict dst) {
    unsigned char ip[16];
    int ok;
    if (af != AF_INET && af != AF_INET6) {
        errno = EAFNOSUPPORT;
        return -1;
    }
    ok = af == AF_INET ? four(src, ip) : groups(src, ip);
    if (ok)
        memcpy(dst, ip, af == AF_INET ? 4 : 16);
    return ok;
}

static void put_group(char **at, unsigned value)
{
    int shift = 12;
    while (shift > 0 && value >> shift == 0)
        shift -= 4;
    for (; shift >= 0; shift -= 4)
        *(*at)++ = "0123456789abcdef"[value >> shift & 15];
}

static void put_four(char **at, const unsigned char *ip)
{
    int i;
    for (i = 0; i < 4; i++) {
        if (i > 0)
            *(*at)++ = '.';
        if (ip[i] >= 100)
            *(*at)++ = '0' + ip[i] / 100;
        if (ip[i] >= 10)
            *(*at)++ = '0' + ip[i] / 10 % 10;
        *(*at)++ = '0' + ip[i] % 10;
    }
}

/* The first of the longest runs of at least two zeros becomes `::` (RFC 5952, 4.2). */
static void put_groups(char **at, const unsigned char *ip)
{
    int i, first = -1, most = 1, run = 0;
    for (i = 0; i < 8; i++) {
        run = ip[2 * i] == 0 && ip[2 * i + 1] == 0 ? run + 1 : 0;
        if (run > most) {
            most = run;
            first = i + 1 - run;
        }
    }
    for (i = 0; i < 8; i++) {
        if (i == first) {
            *(*at)++ = ':';
            if (i + most == 8)
                *(*at)++ = ':';
            i += most - 1;
            continue;
        }
        if (i > 0)
            *(*at)++ = ':';
        if (i == 6 && first == 0 && (most == 6 || (most == 5 && ip[10] == 0xff && ip[11] == 0xff))) {
            put_four(at, ip + 12);
            return;
        }
        put_group(at, ip[2 * i] << 8 | ip[2 * i + 1]);
    }
}

const char *inet_ntop(int af, const void *restrict src, char *restrict dst, socklen_t size) {
    char text[INET6_ADDRSTRLEN], *at = text;
    if (af == AF_INET) {
        put_four(&at, src);
    } else if (af == AF_INET6) {
        put_groups(&at, src);
    } else {
        errno = EAFNOSUPPORT;
        return NULL;
    }
    *at++ = '\0';
    if (at - text > size) {
        errno = ENOSPC;
        return NULL;
    }
    return memcpy(dst, text, at - text);
}

/* One to four numbers, decimal, octal or hexadecimal, the last of which fills what the others leave; white space may
   follow. */
int inet_aton(const char *cp, struct in_addr *inp) {
    unsigned long value = 0;
    int i;
    for (i = 0;; i++) {
        unsigned long number = 0;
        int base = 10, digits = 0;
        if (*cp < '0' || *cp > '9')
            return 0;
        if (*cp == '0') {
            base = 8;
            if ((cp[1] | 32) == 'x') {
                base = 16;
                cp += 2;
            }
        }
        for (; digit_value(*cp) < base; cp++) {
            digits = 1;
            number = number * base + digit_value(*cp);
            if (number > 0xffffffff)
                return 0;
        }
        if (digits == 0)
            return 0;
        if (*cp == '.') {
            if (i == 3 || number > 255)
                return 0;
            value |= number << (24 - 8 * i);
            cp++;
            continue;
        }
        if (*cp != '\0' && *cp != ' ' && (*cp < 9 || *cp > 13))
            return 0;
        if (number > 0xffffffff >> (8 * i))
            return 0;
        if (inp != NULL)
            inp->s_addr = htonl(value | number);
        return 1;
    }
}

in_addr_t inet_addr(const char *cp) {
    struct in_addr in;
    return inet_aton(cp, &in) ? in.s_addr : INADDR_NONE;
}

/* The next call overwrites it. */
static char shown[18];

char *inet_ntoa(struct in_addr in) {
    char *at = shown;
    put_four(&at, (unsigned char *)&in);
    *at = '\0';
    return shown;
}

/* What is to the left of the last number is the network. */
in_addr_t inet_network(const char *cp) {
    in_addr_t value = 0;
    int i;
    for (i = 0; i < 4; i++) {
        unsigned number = 0;
        int base = 10, digits = 0;
        if (*cp == '0') {
            base = 8;
            digits = 1;
            cp++;
            if ((*cp | 32) == 'x') {
                base = 16;
                digits = 0;
                cp++;
            }
        }
        for (; digit_value(*cp) < base; cp++) {
            digits = 1;
            number = number * base + digit_value(*cp);
        }
        if (digits == 0 || number > 255)
            return INADDR_NONE;
        value = value << 8 | number;
        if (*cp != '.')
            break;
        cp++;
    }
    while (*cp == ' ' || (*cp >= 9 && *cp <= 13))
        cp++;
    return *cp == '\0' && i < 4 ? value : INADDR_NONE;
}

in_addr_t inet_netof(struct in_addr in) {
    in_addr_t host = ntohl(in.s_addr);
    return IN_CLASSA(host) ? host >> 24 : IN_CLASSB(host) ? host >> 16 : host >> 8;
}

in_addr_t inet_lnaof(struct in_addr in) {
    in_addr_t host = ntohl(in.s_addr);
    return IN_CLASSA(host) ? host & 0xffffff : IN_CLASSB(host) ? host & 0xffff : host & 0xff;
}

struct in_addr inet_makeaddr(in_addr_t net, in_addr_t host) {
    struct in_addr in;
    if (net < 128)
        in.s_addr = htonl(net << 24 | (host & 0xffffff));
    else if (net < 65536)
        in.s_addr = htonl(net << 16 | (host & 0xffff));
    else if (net < 16777216)
        in.s_addr = htonl(net << 8 | (host & 0xff));
    else
        in.s_addr = htonl(net | host);
    return in;
}
