/* getenv(3), setenv(3) and their relatives. The environment is empty at first. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static char *none[1];

char **environ = none;

/* Where a variable of that name stands in it; NULL if it is not there. */
static char **place(const char *name, size_t length)
{
    char **at;
    for (at = environ; at != NULL && *at != NULL; at++) {
        if (strncmp(*at, name, length) == 0 && (*at)[length] == '=')
            return at;
    }
    return NULL;
}

char *getenv(const char *name) {
    size_t length = strlen(name);
    char **at = place(name, length);
    return at != NULL ? *at + length + 1 : NULL;
}

char *secure_getenv(const char *name) {
    return getenv(name);
}

int putenv(char *string) {
    static char **own;
    char *equals = strchr(string, '='), **at;
    size_t count = 0;
    if (equals == NULL)
        return unsetenv(string);
    at = place(string, equals - string);
    if (at != NULL) {
        *at = string;
        return 0;
    }
    for (at = environ; at != NULL && *at != NULL; at++)
        count++;
    at = malloc((count + 2) * sizeof *at);
    if (at == NULL)
        return -1;
    memcpy(at, environ, count * sizeof *at);
    at[count] = string;
    at[count + 1] = NULL;
    free(own);
    environ = own = at;
    return 0;
}

int setenv(const char *name, const char *value, int overwrite) {
    size_t length;
    char *text;
    if (name == NULL || *name == '\0' || strchr(name, '=') != NULL) {
        errno = EINVAL;
        return -1;
    }
    length = strlen(name);
    if (!overwrite && place(name, length) != NULL)
        return 0;
    text = malloc(length + strlen(value) + 2);
    if (text == NULL)
        return -1;
    memcpy(text, name, length);
    text[length] = '=';
    strcpy(text + length + 1, value);
    return putenv(text);
}

int unsetenv(const char *name) {
    char **at;
    if (name == NULL || *name == '\0' || strchr(name, '=') != NULL) {
        errno = EINVAL;
        return -1;
    }
    while ((at = place(name, strlen(name))) != NULL) {
        do
            at[0] = at[1];
        while (*at++ != NULL);
    }
    return 0;
}

int clearenv(void) {
    environ = none;
    return 0;
}
