#include <stdarg.h>
#include <stdio.h>

/* Integers of another size than asked for, as programs that mean Linux pass them. */
static long first(int which, ...)
{
    va_list ap;
    long value = 0;
    va_start(ap, which);
    switch (which) {
    case 0: value = va_arg(ap, long); break;
    case 1: value = va_arg(ap, int); break;
    case 2: value = va_arg(ap, unsigned int); break;
    case 3: value = va_arg(ap, char *) == NULL; break;
    case 4: value = (int)va_arg(ap, long); break;
    }
    va_end(ap);
    return value;
}

int main(void)
{
    printf("%ld %ld %ld %ld %ld\n", first(0, 7), first(1, 7L), first(2, -1L), first(3, 0), first(4, -5));
    printf("%ld %ld\n", first(1, 0x1234567890L), first(2, 0x1234567890L));
    return 0;
}
