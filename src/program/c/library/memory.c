/* realloc(3). */
#include <stdlib.h>
#include <string.h>

/* How many bytes there are from there to the end of its object. */
size_t __sockscope_room(const void *at);

void *realloc(void *ptr, size_t size) {
    size_t room = __sockscope_room(ptr);
    void *new = NULL;
    if (size > 0 || ptr == NULL) {
        new = malloc(size);
        if (new == NULL)
            return NULL;
        memcpy(new, ptr, room < size ? room : size);
    }
    free(ptr);
    return new;
}
