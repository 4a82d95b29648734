/* Variable arguments of printf(3) and scanf(3). The machine puts 16 bytes for each where a va_list points: the value, and
   what it is. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* How many bytes there are from there to the end of its object. */
size_t __sockscope_room(const void *at);
int __sockscope_fault(const char *message);

/* What an argument may be, by the machine's numbers. */
static const char *const argument_kinds[] = { "an int", "an unsigned int", "a long", "an unsigned long", "a double", "a pointer" };
/* What a conversion may want, and a bit for each kind that will do: an integer that a cast made of a pointer, too. */
static const char *const argument_wants[] = { "an int", "a long", "a pointer to a string", "a pointer", "a double" };
static const unsigned char argument_will_do[] = { 0x0f, 0x2f, 0x20, 0x2c, 0x10 };

static void argument_wrong(const char *conversion, size_t length, const char *a, const char *b, const char *c, const char *d, const char *e)
{
    char *message = malloc(length + 200);
    if (message == NULL)
        return;
    strcpy(message, "`");
    strncat(message, conversion, length);
    strcat(message, a);
    strcat(message, b);
    strcat(message, c);
    strcat(message, d);
    strcat(message, e);
    __sockscope_fault(message);
}

static void argument_missing(va_list ap, const char *conversion, size_t length)
{
    size_t passed = __sockscope_room(ap->reg_save_area) / 16;
    char digits[24], *at = digits + sizeof digits;
    *--at = '\0';
    for (; passed > 0; passed /= 10)
        *--at = '0' + passed % 10;
    if (*at == '\0')
        argument_wrong(conversion, length, "` has no argument: ", "nothing", " is", " passed after the format", "");
    else if (strcmp(at, "1") == 0)
        argument_wrong(conversion, length, "` has no argument: only ", "one", " is", " passed after the format", "");
    else
        argument_wrong(conversion, length, "` has no argument: only ", at, " are", " passed after the format", "");
}

/* The next argument for a conversion whose text is so long, if it is what the conversion wants. */
unsigned long __sockscope_argument(va_list ap, const char *conversion, size_t length, int wanted) {
    unsigned long *next = ap->overflow_arg_area;
    if (__sockscope_room(next) < 16)
        argument_missing(ap, conversion, length);
    /* The upper half of a register is what nobody promises: for an int that is not negative it is zero in practice, else
       it is garbage to who wants a long. */
    if ((argument_will_do[wanted] >> next[1] & 1) == 0 || (wanted == 1 && next[1] == 0 && (int)next[0] < 0))
        argument_wrong(conversion, length, "` wants ", argument_wants[wanted], ", but ", argument_kinds[next[1]],
                       " is passed");
    ap->overflow_arg_area = next + 2;
    return next[0];
}
