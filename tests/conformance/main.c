/* conformance: runs random sequences on a real ZooKeeper and on a simulated one, and compares. */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/conformance/compare.h"
#include "tests/conformance/generate.h"

enum {
    RUN_OPERATIONS = 800,
    SHRINK_TRIES = 300,
    ATTEMPTS_MOST = 3,    /* of one sequence */
    DISTURBED_LEAST = 3,  /* so many sequences may be repeated in any case */
    DISTURBED_SHARE = 50, /* and one more for each so many sequences */
};

struct options {
    uint64_t operations;
    uint64_t seed;
    uint32_t run; /* operations in one sequence */
    uint32_t clients;
    bool embedded;
    bool shrink;
    bool whole;
    bool slow;
    bool show;
};

static const struct argp_option words[] = {
    {"ops", 'n', "N", 0, "Operations to compare at least (10000)", 0},
    {"seed", 's', "S", 0, "Seed of the first sequence; the next one has the next seed (1)", 0},
    {"run", 'r', "N", 0, "Operations in one sequence (800)", 0},
    {"clients", 'k', "K", 0, "Clients of a sequence, 2 to 8 (4)", 0},
    {"embedded", 'e', NULL, 0, "Compare the embedded backend instead of the simulated client", 0},
    {"no-shrink", 'x', NULL, 0, "Print a difference without shrinking it", 0},
    {"whole", 'w', NULL, 0,
     "Print all steps and events before a difference, and the logs of the server (default: only if "
     "the difference does not come again)",
     0},
    {"no-slow", 'q', NULL, 0, "Leave out sessions that expire by themselves", 0},
    {"print", 'p', NULL, 0, "Print the sequence of the seed and run nothing", 0},
    {0},
};

static uint64_t number(struct argp_state *state, const char *text, uint64_t least, uint64_t most)
{
    char *end;
    unsigned long long value = strtoull(text, &end, 10);

    if (*text < '0' || *text > '9' || *end != '\0' || value < least || value > most)
        argp_error(state, "\"%s\" is not a number from %llu to %llu", text,
                   (unsigned long long)least, (unsigned long long)most);
    return value;
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct options *o = state->input;

    switch (key) {
    case 'n':
        o->operations = number(state, text, 1, UINT64_MAX / 2);
        break;
    case 's':
        o->seed = number(state, text, 0, UINT64_MAX / 2);
        break;
    case 'r':
        o->run = (uint32_t)number(state, text, 1, 1000000);
        break;
    case 'k':
        o->clients = (uint32_t)number(state, text, 2, CLIENTS_MOST);
        break;
    case 'e':
        o->embedded = true;
        break;
    case 'x':
        o->shrink = false;
        break;
    case 'w':
        o->whole = true;
        break;
    case 'q':
        o->slow = false;
        break;
    case 'p':
        o->show = true;
        break;
    case ARGP_KEY_ARG:
        argp_error(state, "\"%s\" is an unexpected argument", text);
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static struct sequence *sequence_of(const struct options *o, uint64_t seed)
{
    struct generate_config config = {.seed = seed,
                                     .operations = o->run,
                                     .clients = o->clients,
                                     .connections = !o->embedded,
                                     .slow = o->slow};

    return generate(&config);
}

static uint64_t operations_of(const struct sequence *q)
{
    uint64_t operations = 0;

    for (uint32_t i = 0; i < q->count; i++)
        operations += step_operations(q->steps[i]);
    return operations;
}

static void show(const struct options *o)
{
    struct sequence *q = sequence_of(o, o->seed);
    struct text t = {0};

    for (uint32_t i = 0; i < q->count; i++)
        step_print(&t, q->steps[i]);
    fputs(text_of(&t), stdout);
    text_close(&t);
    sequence_free(q);
}

/* Prints everything that may explain a difference that does not come again. */
static void print_evidence(const struct pair *p)
{
    printf("%s, from the beginning, in seconds:\n%s", p->fixtures[0]->name, text_of(&p->journal));
    fputs(text_of(&p->logs), stdout);
}

static void report(const struct options *o, struct pair *p, uint64_t seed)
{
    struct sequence *q = sequence_of(o, seed);
    struct text t = {0};

    printf(
        "difference at step %u of seed %llu; replay: --seed %llu --ops 1 --run %u --clients %u%s\n",
        p->step, (unsigned long long)seed, (unsigned long long)seed, o->run, o->clients,
        o->embedded ? " --embedded" : "");
    while (q->count > p->step + 1)
        step_free(q->steps[--q->count]);
    pair_print(&t, p, o->shrink ? &(struct sequence){0} : q);
    fputs(text_of(&t), stdout);
    text_clear(&t);
    if (o->whole)
        print_evidence(p);
    fflush(stdout);
    p->collects = false;
    if (o->shrink) {
        bool again = pair_shrink(p, q, SHRINK_TRIES);

        printf(again ? "shrunk to %u steps:\n" : "the difference does not come again\n", q->count);
        if (!again && !o->whole)
            print_evidence(p);
        if (again)
            pair_print(&t, p, q);
        fputs(text_of(&t), stdout);
    }
    fflush(stdout);
    text_close(&t);
    sequence_free(q);
}

/* Runs one sequence. If the real side has lost a connection or a session without a fault, the
 * machine was slower than the client or the server waits: the sequence is repeated once or twice.
 * Only a few sequences may be repeated. */
static enum verdict attempt(struct pair *p, const struct sequence *q, uint64_t seed,
                            uint32_t *disturbed, uint64_t sequences)
{
    for (int i = 1;; i++) {
        enum verdict verdict = pair_run(p, q);

        if (verdict != VERDICT_DISTURBED || i == ATTEMPTS_MOST ||
            *disturbed >= DISTURBED_LEAST + sequences / DISTURBED_SHARE)
            return verdict;
        ++*disturbed;
        printf("step %u of seed %llu: a connection or a session was lost without a fault; "
               "trying again\n",
               p->step, (unsigned long long)seed);
        fflush(stdout);
    }
}

static bool compare(const struct options *o)
{
    bool terminal = isatty(STDERR_FILENO);
    time_t begin = time(NULL);
    uint64_t done = 0, seed = o->seed;
    enum verdict verdict = VERDICT_SAME;
    uint32_t disturbed = 0;
    struct pair p;

    pair_init(&p, &fixture_real, o->embedded ? &fixture_embedded : &fixture_simulated);
    p.collects = o->shrink || o->whole;
    for (; done < o->operations && verdict == VERDICT_SAME; seed++) {
        struct sequence *q = sequence_of(o, seed);

        verdict = attempt(&p, q, seed, &disturbed, seed - o->seed);
        done += operations_of(q);
        sequence_free(q);
        if (terminal)
            fprintf(stderr, "\r%llu of %llu operations", (unsigned long long)done,
                    (unsigned long long)o->operations);
    }
    if (terminal)
        fputc('\n', stderr);
    if (verdict == VERDICT_SAME)
        printf("%llu operations, %llu sequences from seed %llu: no difference, %lld s\n",
               (unsigned long long)done, (unsigned long long)(seed - o->seed),
               (unsigned long long)o->seed, (long long)(time(NULL) - begin));
    else if (verdict != VERDICT_NO_SERVER)
        report(o, &p, seed - 1);
    pair_close(&p);
    return verdict == VERDICT_SAME;
}

int main(int argc, char **argv)
{
    static const struct argp argp = {
        .options = words,
        .parser = parse,
        .doc =
            "Runs random sequences of operations on a real ZooKeeper and on rota's simulated one, "
            "and compares the results. A difference is shrunk and printed."};
    struct options o = {.operations = 10000,
                        .seed = 1,
                        .run = RUN_OPERATIONS,
                        .clients = 4,
                        .shrink = true,
                        .slow = true};

    argp_parse(&argp, argc, argv, 0, NULL, &o);
    if (o.show) {
        show(&o);
        return 0;
    }
    return compare(&o) ? 0 : 1;
}
