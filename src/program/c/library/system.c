/* Names of files and of the system: basename(3), uname(2), setlocale(3). */
#include <limits.h>
#include <locale.h>
#include <string.h>
#include <sys/utsname.h>

/* GNU's, which leaves nothing of a name that ends in a slash. */
char *basename(const char *path) {
    char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : (char *)path;
}

char *__xpg_basename(char *path) {
    char *end;
    if (path == NULL || *path == '\0')
        return ".";
    end = path + strlen(path);
    while (end > path + 1 && end[-1] == '/')
        *--end = '\0';
    while (end > path && end[-1] != '/')
        end--;
    return *end != '\0' ? end : path;
}

char *dirname(char *path) {
    char *end;
    if (path == NULL)
        return ".";
    end = path + strlen(path);
    while (end > path && end[-1] == '/')
        end--;
    while (end > path && end[-1] != '/')
        end--;
    if (end == path)
        return *path == '/' ? "/" : ".";
    while (end > path + 1 && end[-1] == '/')
        end--;
    /* Exactly two slashes at the start are left as they are. */
    if (end == path + 1 && path[1] == '/' && path[2] != '/' && path[2] != '\0')
        end++;
    *end = '\0';
    return path;
}

int uname(struct utsname *buf) {
    memset(buf, 0, sizeof *buf);
    strcpy(buf->sysname, "Linux");
    strcpy(buf->nodename, "localhost");
    strcpy(buf->release, "6.18.0");
    strcpy(buf->version, "#1 SMP");
    strcpy(buf->machine, "x86_64");
    strcpy(buf->domainname, "(none)");
    return 0;
}

/* There are no locales but "C". */
char *setlocale(int category, const char *locale) {
    if (category < 0 || category > 12)
        return NULL;
    if (locale == NULL || *locale == '\0' || strcmp(locale, "C") == 0 || strcmp(locale, "POSIX") == 0)
        return "C";
    return NULL;
}

struct lconv *localeconv(void) {
    static struct lconv c = { ".", "", "", "", "", "", "", "", "", "", CHAR_MAX, CHAR_MAX, CHAR_MAX, CHAR_MAX, CHAR_MAX,
                              CHAR_MAX, CHAR_MAX, CHAR_MAX, CHAR_MAX, CHAR_MAX, CHAR_MAX, CHAR_MAX, CHAR_MAX, CHAR_MAX };
    return &c;
}
