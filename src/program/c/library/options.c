/* getopt(3), getopt_long(3). */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *optarg;
int optind = 1;
int opterr = 1;
int optopt = '?';

/* The rest of a word with several short options. */
static char *rest;
/* Words that are no options, and have been skipped: from there up to there. */
static int skipped, passed;
static int begun;
/* '+': the first word that is no option ends them; '-': such words count as options with the code 1. */
static char mode;

/* The words that were skipped and the options behind them change places. */
static void exchange(char **argv)
{
    int to;
    for (to = skipped; passed > skipped && to < skipped + (optind - passed); to++) {
        char *option = argv[passed + (to - skipped)];
        memmove(&argv[to + 1], &argv[to], (passed + (to - skipped) - to) * sizeof *argv);
        argv[to] = option;
    }
    skipped += optind - passed;
    passed = optind;
}

static int is_option(const char *word)
{
    return word[0] == '-' && word[1] != '\0';
}

static void complain(int silent, const char *program, const char *format, const char *prefix, const char *name)
{
    if (opterr && !silent) {
        fprintf(stderr, "%s: ", program);
        fprintf(stderr, format, prefix, name);
    }
}

/* `name` is what stands behind `prefix`. With `only` set it may be short options instead: then -1. */
static int long_option(int argc, char **argv, const char *name, const char *prefix, int only, const char *shorts,
                       const struct option *longopts, int *longindex, int silent)
{
    size_t length = strcspn(name, "=");
    const struct option *found = NULL, *o;
    int ambiguous = 0;
    for (o = longopts; o->name != NULL && found == NULL; o++) {
        if (strncmp(o->name, name, length) == 0 && strlen(o->name) == length)
            found = o;
    }
    for (o = longopts; o->name != NULL && (found == NULL || strlen(found->name) != length); o++) {
        if (strncmp(o->name, name, length) != 0)
            continue;
        if (found == NULL)
            found = o;
        else if (only || found->has_arg != o->has_arg || found->flag != o->flag || found->val != o->val)
            ambiguous = 1;
    }
    if (ambiguous) {
        if (opterr && !silent) {
            fprintf(stderr, "%s: option '%s%s' is ambiguous; possibilities:", argv[0], prefix, name);
            for (o = longopts; o->name != NULL; o++) {
                if (strncmp(o->name, name, length) == 0)
                    fprintf(stderr, " '%s%s'", prefix, o->name);
            }
            fprintf(stderr, "\n");
        }
        rest = NULL;
        optind++;
        optopt = 0;
        return '?';
    }
    if (found == NULL) {
        if (only && prefix[1] == '\0' && strchr(shorts, *name) != NULL)
            return -1;
        complain(silent, argv[0], "unrecognized option '%s%s'\n", prefix, name);
        rest = NULL;
        optind++;
        optopt = 0;
        return '?';
    }
    optind++;
    rest = NULL;
    if (name[length] == '=') {
        if (found->has_arg == no_argument) {
            complain(silent, argv[0], "option '%s%s' doesn't allow an argument\n", prefix, found->name);
            optopt = found->val;
            return '?';
        }
        optarg = (char *)name + length + 1;
    } else if (found->has_arg == required_argument) {
        if (optind >= argc) {
            complain(silent, argv[0], "option '%s%s' requires an argument\n", prefix, found->name);
            optopt = found->val;
            return *shorts == ':' ? ':' : '?';
        }
        optarg = argv[optind++];
    }
    if (longindex != NULL)
        *longindex = found - longopts;
    if (found->flag != NULL) {
        *found->flag = found->val;
        return 0;
    }
    return found->val;
}

static int next_option(int argc, char **argv, const char *optstring, const struct option *longopts, int *longindex,
                       int only)
{
    int silent, option;
    const char *known;
    char letter[2] = { 0 };
    if (argc < 1)
        return -1;
    optarg = NULL;
    if (optind == 0 || !begun) {
        if (optind == 0)
            optind = 1;
        skipped = passed = optind;
        rest = NULL;
        mode = *optstring == '-' || *optstring == '+' ? *optstring : getenv("POSIXLY_CORRECT") != NULL ? '+' : 0;
        begun = 1;
    }
    if (*optstring == '-' || *optstring == '+')
        optstring++;
    silent = *optstring == ':';
    if (rest == NULL || *rest == '\0') {
        if (passed > optind)
            passed = optind;
        if (skipped > optind)
            skipped = optind;
        if (mode == 0) {
            if (skipped != passed && passed != optind)
                exchange(argv);
            else if (passed != optind)
                skipped = optind;
            while (optind < argc && !is_option(argv[optind]))
                optind++;
            passed = optind;
        }
        if (optind != argc && strcmp(argv[optind], "--") == 0) {
            optind++;
            if (skipped != passed && passed != optind)
                exchange(argv);
            else if (skipped == passed)
                skipped = optind;
            passed = argc;
            optind = argc;
        }
        if (optind == argc) {
            if (skipped != passed)
                optind = skipped;
            return -1;
        }
        if (!is_option(argv[optind])) {
            if (mode == '+')
                return -1;
            optarg = argv[optind++];
            return 1;
        }
        if (longopts != NULL) {
            char *word = argv[optind];
            if (word[1] == '-')
                return long_option(argc, argv, word + 2, "--", only, optstring, longopts, longindex, silent);
            if (only && (word[2] != '\0' || strchr(optstring, word[1]) == NULL)) {
                option = long_option(argc, argv, word + 1, "-", only, optstring, longopts, longindex, silent);
                if (option != -1)
                    return option;
            }
        }
        rest = argv[optind] + 1;
    }
    letter[0] = *rest++;
    known = strchr(optstring, letter[0]);
    if (*rest == '\0')
        optind++;
    if (known == NULL || letter[0] == ':' || letter[0] == ';') {
        complain(silent, argv[0], "invalid option -- %s'%s'\n", "", letter);
        optopt = (unsigned char)letter[0];
        return '?';
    }
    if (known[0] == 'W' && known[1] == ';' && longopts != NULL) {
        const char *name = rest;
        if (*rest == '\0') {
            if (optind == argc) {
                complain(silent, argv[0], "option requires an argument -- %s'%s'\n", "", letter);
                optopt = letter[0];
                return *optstring == ':' ? ':' : '?';
            }
            name = argv[optind];
        }
        return long_option(argc, argv, name, "-W ", 0, optstring, longopts, longindex, silent);
    }
    if (known[1] == ':') {
        if (*rest != '\0') {
            optarg = rest;
            optind++;
        } else if (known[2] != ':') {
            if (optind == argc) {
                complain(silent, argv[0], "option requires an argument -- %s'%s'\n", "", letter);
                optopt = (unsigned char)letter[0];
                rest = NULL;
                return *optstring == ':' ? ':' : '?';
            }
            optarg = argv[optind++];
        }
        rest = NULL;
    }
    return (unsigned char)letter[0];
}

int getopt(int argc, char *const argv[], const char *optstring) {
    return next_option(argc, (char **)argv, optstring, NULL, NULL, 0);
}

int getopt_long(int argc, char *const argv[], const char *optstring, const struct option *longopts, int *longindex) {
    return next_option(argc, (char **)argv, optstring, longopts, longindex, 0);
}

int getopt_long_only(int argc, char *const argv[], const char *optstring, const struct option *longopts, int *longindex) {
    return next_option(argc, (char **)argv, optstring, longopts, longindex, 1);
}
