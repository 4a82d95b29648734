/* qsort(3), qsort_r(3), bsearch(3). */
#include <stdlib.h>
#include <string.h>

struct sort {
    size_t size;
    int (*compare)(const void *, const void *);
    int (*with)(const void *, const void *, void *);
    void *arg;
    char *spare;
};

/* A stable merge sort, which glibc's qsort is as long as there is memory for it. */
static void merge_sort(const struct sort *s, char *base, size_t count)
{
    size_t left = count / 2, right = count - left;
    char *a = base, *b = base + left * s->size, *to = s->spare;
    if (count < 2)
        return;
    merge_sort(s, a, left);
    merge_sort(s, b, right);
    while (left > 0 && right > 0) {
        int order = s->with != NULL ? s->with(a, b, s->arg) : s->compare(a, b);
        if (order <= 0) {
            memcpy(to, a, s->size);
            a += s->size;
            left--;
        } else {
            memcpy(to, b, s->size);
            b += s->size;
            right--;
        }
        to += s->size;
    }
    memcpy(to, a, left * s->size);
    memcpy(base, s->spare, (count - right) * s->size);
}

static void with_room(struct sort *s, void *base, size_t count)
{
    char small[1024];
    s->spare = count <= sizeof small / (s->size | 1) ? small : malloc(count * s->size);
    if (s->spare == NULL)
        abort();
    merge_sort(s, base, count);
    if (s->spare != small)
        free(s->spare);
}

void qsort(void *base, size_t nmemb, size_t size, int (*compar)(const void *, const void *)) {
    struct sort s = { size, compar, NULL, NULL, NULL };
    with_room(&s, base, nmemb);
}

void qsort_r(void *base, size_t nmemb, size_t size, int (*compar)(const void *, const void *, void *), void *arg) {
    struct sort s = { size, NULL, compar, arg, NULL };
    with_room(&s, base, nmemb);
}

void *bsearch(const void *key, const void *base, size_t nmemb, size_t size, int (*compar)(const void *, const void *)) {
    size_t from = 0, to = nmemb;
    while (from < to) {
        size_t middle = (from + to) / 2;
        const char *at = (const char *)base + middle * size;
        int order = compar(key, at);
        if (order == 0)
            return (void *)at;
        if (order < 0)
            to = middle;
        else
            from = middle + 1;
    }
    return NULL;
}
