#include <byteswap.h>
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

static void show(const char *name)
{
    const char *value = getenv(name);
    printf("%s=%s\n", name, value != NULL ? value : "(none)");
}

int main(void)
{
    static const char *const paths[] = { "/usr/lib", "/usr/", "usr", "/", ".", "..", "", "a//b", "a//b//", "///", "//a", "/a/b/c.txt", "a/", "a//" };
    char copy[64], entry[] = "PUT=in", again[] = "PUT";
    size_t i;
    struct utsname names;
    for (i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        strcpy(copy, paths[i]);
        printf("%s: ", dirname(copy));
        strcpy(copy, paths[i]);
        printf("%s\n", basename(copy));
    }
    printf("%s %s\n", dirname(NULL), basename(NULL));
    printf("%d\n", setenv("ONE", "1", 0));
    show("ONE");
    setenv("ONE", "2", 0);
    show("ONE");
    setenv("ONE", "two", 1);
    show("ONE");
    setenv("EMPTY", "", 1);
    show("EMPTY");
    putenv(entry);
    show("PUT");
    entry[4] = 'o';
    entry[5] = 'n';
    show("PUT");
    putenv(again);
    show("PUT");
    printf("%d\n", unsetenv("ONE"));
    show("ONE");
    show("NO_SUCH_VARIABLE");
    errno = 0;
    printf("%d %s ", setenv("A=B", "x", 1), strerror(errno));
    errno = 0;
    printf("%d %s ", setenv("", "x", 1), strerror(errno));
    errno = 0;
    printf("%d %s\n", unsetenv("A=B"), strerror(errno));
    show("EMPTY");
    clearenv();
    show("EMPTY");
    printf("%d %s %s\n", uname(&names), names.sysname, names.machine);
    printf("%x %x %lx %x %x %lx\n", htobe16(0x1234), htobe32(0x12345678), (long)htobe64(0x123456789abcdef0), le16toh(0x1234), be32toh(0x12345678),
           (long)be64toh(1));
    printf("%x %x %lx\n", bswap_16(0x1234), bswap_32(0x12345678), (long)bswap_64(1));
    printf("%" PRId8 " %" PRIu16 " %" PRIx32 " %" PRId64 " %" PRIu64 " %" PRIXMAX " %" PRIoPTR " %" PRIdFAST32 "\n", (int8_t)-1, (uint16_t)65535,
           (uint32_t)-1, INT64_MIN, UINT64_MAX, UINTMAX_MAX, (uintptr_t)8, (int_fast32_t)-5);
    printf("%" PRIdMAX " %" PRIdMAX " %" PRIuMAX "\n", imaxabs(-5), imaxdiv(-7, 2).rem, strtoumax("0xff", NULL, 0));
    return 0;
}
