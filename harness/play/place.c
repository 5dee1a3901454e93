#include "harness/play/place.h"

#include <stdio.h>
#include <string.h>

#include "harness/language/value.h"
#include "model/base/assert.h"

static const struct {
    const char *word;
    bool step;
    bool request;
} faults[ROTA_FAULTS] = {
#define X(name, word, step, request, action, connection_fault) {word, step, request},
    ROTA_FAULT_MAP(X)
#undef X
};

#define CONNLOSS (1u << ROTA_FAULT_LOST | 1u << ROTA_FAULT_APPLIED | 1u << ROTA_FAULT_LATE)

const char *rota_fault_word(enum rota_fault fault)
{
    return faults[fault].word;
}

uint32_t rota_fault_read(const char *word)
{
    if (strcmp(word, "connloss") == 0)
        return CONNLOSS;
    if (strcmp(word, "all") == 0)
        return (1u << ROTA_FAULTS) - 1;
    for (uint32_t i = 0; i < ROTA_FAULTS; i++)
        if (strcmp(word, faults[i].word) == 0)
            return 1u << i;
    return 0;
}

bool rota_fault_fits_step(enum rota_fault fault)
{
    return faults[fault].step;
}

bool rota_fault_fits_request(enum rota_fault fault)
{
    return faults[fault].request;
}

/* ---- processes ---- */

/* The first letters of their names, in the order of enum rota_part. */
static const char letters[] = "mwco";

enum rota_part rota_place_part(const struct rota_cluster *c, uint32_t who)
{
    return who < c->masters                             ? ROTA_PART_MASTER
           : who < c->masters + c->workers              ? ROTA_PART_WORKER
           : who < c->masters + c->workers + c->clients ? ROTA_PART_CLIENT
                                                        : ROTA_PART_OPERATOR;
}

uint32_t rota_place_process_count(const struct rota_cluster *c)
{
    return c->masters + c->workers + c->clients + c->operators;
}

/* The number of the first process of a part, and how many there are. */
static uint32_t first_of(const struct rota_cluster *c, uint32_t part)
{
    const uint32_t firsts[] = {0, c->masters, c->masters + c->workers,
                               c->masters + c->workers + c->clients};

    return firsts[part];
}

static uint32_t count_of(const struct rota_cluster *c, uint32_t part)
{
    const uint32_t counts[] = {c->masters, c->workers, c->clients, c->operators};

    return counts[part];
}

void rota_place_format(const struct rota_place *p, const struct rota_cluster *cluster, char *text)
{
    enum rota_part part = rota_place_part(cluster, p->who);
    int length = snprintf(text, ROTA_PLACE_TEXT, "%s@%c%u:%u", rota_fault_word(p->fault),
                          letters[part], p->who - first_of(cluster, part) + 1, p->step);

    rota_assert(p->who < rota_place_process_count(cluster));
    if (p->request > 0)
        snprintf(text + length, (size_t)(ROTA_PLACE_TEXT - length), ".%u", p->request);
}

/* ---- places as text ---- */

/* Reads digits up to `stop`, which is skipped, or to the end. */
static bool read_number(const char **text, char stop, uint32_t *number)
{
    const char stops[] = {stop, '\0'};
    size_t length = strcspn(*text, stops);
    uint64_t read;

    if (!rota_number_read(*text, length, UINT32_MAX, &read))
        return false;
    *number = (uint32_t)read;
    *text += length + ((*text)[length] != '\0');
    return true;
}

const char *rota_place_read(const char *text, const struct rota_cluster *cluster,
                            struct rota_place *p)
{
    const char *at = strchr(text, '@');
    const char *letter;
    uint32_t number, i = 0;
    bool at_request;

    memset(p, 0, sizeof *p);
    if (at == NULL)
        return "a place reads FAULT@WHO:STEP or FAULT@WHO:STEP.REQUEST, such as crash@m1:17";
    while (i < ROTA_FAULTS && (strlen(faults[i].word) != (size_t)(at - text) ||
                               memcmp(faults[i].word, text, (size_t)(at - text)) != 0))
        i++;
    if (i == ROTA_FAULTS)
        return "a fault is crash, restart, pause, expire, disconnect, isolate, lost, applied or "
               "late";
    p->fault = (enum rota_fault)i;
    letter = at[1] == '\0' ? NULL : strchr(letters, at[1]);
    if (letter == NULL)
        return "the process is a master, a worker, a client or an operator, such as m1";
    i = (uint32_t)(letter - letters);
    at += 2;
    if (strchr(at, ':') == NULL || !read_number(&at, ':', &number) || number == 0 ||
        number > count_of(cluster, i))
        return "there is no process of that name in this scenario";
    p->who = first_of(cluster, i) + number - 1;
    at_request = strchr(at, '.') != NULL;
    if (!read_number(&at, '.', &p->step) || (at_request && !read_number(&at, '\0', &p->request)) ||
        *at != '\0')
        return "the step and the request must be whole numbers";
    if (at_request ? p->request == 0 || !faults[p->fault].request : !faults[p->fault].step)
        return at_request ? "this fault is put before a step, not at a request"
                          : "this fault is put at a request, such as lost@m1:17.1";
    return NULL;
}
