#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <error.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int flag;
static const struct option longs[] = { { "help", no_argument, NULL, 'h' }, { "port", required_argument, NULL, 'p' }, { "verbose", optional_argument, NULL, 'v' },
    { "version", no_argument, NULL, 'V' }, { "flag", no_argument, &flag, 5 }, { "po", no_argument, NULL, 'P' }, { "same", no_argument, NULL, 's' }, { "samey", no_argument, NULL, 's' }, { 0 } };

static void run(const char *shorts, int kind, const char *line)
{
    char copy[128], *argv[16], *word;
    int argc = 0, c, i, index = -1;
    strcpy(copy, line);
    for (word = strtok(copy, " "); word != NULL; word = strtok(NULL, " "))
        argv[argc++] = word;
    argv[argc] = NULL;
    optind = 0;
    flag = 0;
    printf("%s | %s:", shorts, line);
    for (;;) {
        c = kind == 0 ? getopt(argc, argv, shorts) : kind == 1 ? getopt_long(argc, argv, shorts, longs, &index)
                                                               : getopt_long_only(argc, argv, shorts, longs, &index);
        if (c == -1)
            break;
        printf(" %d(%c) %s %d %d %d;", c, c > 31 ? c : '.', optarg ? optarg : "-", optind, c == '?' || c == ':' ? optopt : 0, index);
    }
    printf(" end %d %d:", optind, flag);
    for (i = 0; i < argc; i++)
        printf(" %s", argv[i]);
    printf("\n");
}

int main(int argc, char **argv)
{
    static const char *const lines[] = { "prog", "prog -a", "prog -ab", "prog -b x", "prog -bx", "prog -b", "prog -c", "prog -cx", "prog -c x", "prog x -a y", "prog x y -a", "prog -a -- -b x", "prog x -- -a", "prog -", "prog - -a",
        "prog -z", "prog -az", "prog a b -b c d -a e f", "prog -a x -c y -b z w", "prog --", "prog x y", "prog --help", "prog --hel", "prog --port 80", "prog --port=80", "prog --port", "prog --por=8", "prog --p", "prog --verbose",
        "prog --verbose=2", "prog --verbose 2", "prog --ver", "prog --nosuch", "prog --help=x", "prog --flag", "prog x --port 1 y --help z", "prog -help", "prog -port 5", "prog -ab --help", "prog -ah", "prog --sam", "prog --=x", "prog -: x", "prog -W port=3", "prog -W help", "prog -hx" };
    static const char *const shorts[] = { "ab:c::", "+ab:c::", "-ab:c::", ":ab:c::", "ab:c::hW;" };
    size_t i, j;
    int kind;
    for (kind = 0; kind < 3; kind++) {
        for (j = 0; j < 5; j++) {
            for (i = 0; i < sizeof lines / sizeof lines[0]; i++) {
                if (kind > 0 || strstr(lines[i], "-W") == NULL)
                    run(shorts[j], kind, lines[i]);
            }
        }
    }
    opterr = 0;
    run("a", 0, "prog -x");
    opterr = 1;
    /* Without a reset between two uses. */
    argv[0] = "short/name";
    printf("%d\n", strcmp(program_invocation_short_name, program_invocation_name) != 0 || 1);
    return argc - 1;
}
