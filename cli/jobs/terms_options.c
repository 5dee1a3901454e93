#include "cli/jobs/terms_options.h"

#include <stdlib.h>
#include <string.h>

#include "cli/base/options.h"
#include "cli/jobs/source.h"
#include "cli/base/when.h"

/* Options without a letter. */
enum {
    RETRIES = 0x1000,
    BACKOFF,
    BACKOFF_CAP,
    FATAL_STATUS,
    LOSSES,
    TIMEOUT,
    ID,
    EXPIRES,
    PRIORITY,
    DELAY,
    AT,
    AFTER,
    TAG,
    KEEP,
};

static const struct argp_option attempts[] = {
    {0, 0, 0, 0, "Attempts:", 1},
    {"retries", RETRIES, "N", 0, "failures after which a task is tried again (0)", 1},
    {"backoff", BACKOFF, "D", 0, "wait before the first retry, doubled with each (1s)", 1},
    {"backoff-cap", BACKOFF_CAP, "D", 0, "longest of these waits (5m)", 1},
    {"fatal-status", FATAL_STATUS, "N[,N...]", 0, "exit statuses that are not to be retried", 1},
    {"losses", LOSSES, "N", 0, "workers lost under a task before it is dead (the master's)", 1},
    {"timeout", TIMEOUT, "D", 0, "longest time an attempt may take; longer is a failure", 1},
    {0}};

static const struct argp_option others[] = {
    {0, 0, 0, 0, "The task:", 2},
    {"id", ID, "NAME", 0,
     "the task's name: submitting it again finds the same task, with another payload it is refused",
     2},
    {"priority", PRIORITY, "N", 0, "from -1000 to 1000; higher goes first (0)", 2},
    {"delay", DELAY, "D", 0, "not before so long after the submit", 2},
    {"at", AT, "TIME", 0, "not before 2026-11-21T08:00:00Z, 08:00 or @SECONDS", 2},
    {"expires", EXPIRES, "D", 0, "expired if not begun so long after the submit", 2},
    {"after", AFTER, "TASK[,TASK...]", 0, "when these are done; skipped if one ends otherwise", 2},
    {"tag", TAG, "TAG", 0, "only on workers that carry it; may be repeated", 2},
    {"keep", KEEP, "D", 0, "how long a result stays that nobody collects (the master's)", 2},
    {0}};

static void add_tag(struct rota_terms_options *t, const struct argp_state *state, const char *tag)
{
    const char *wrong = rota_spec_tag_wrong(tag);
    if (wrong != NULL)
        argp_error(state, "--tag %s: %s", tag, wrong);
    if (t->spec.tag_count == ROTA_SPEC_TAGS_MAX)
        argp_error(state, "--tag: a task has at most %d tags", ROTA_SPEC_TAGS_MAX);
    t->tags[t->spec.tag_count++] = tag;
    t->spec.tags = t->tags;
}

/* The names are cut where they are. */
static void add_after(struct rota_terms_options *t, const struct argp_state *state, char *names)
{
    char *rest = names;
    for (char *name = strsep(&rest, ","); name != NULL; name = strsep(&rest, ",")) {
        if (t->spec.after_count == ROTA_SPEC_AFTER_MAX)
            argp_error(state, "--after: a task can wait for %d others at most",
                       ROTA_SPEC_AFTER_MAX);
        t->after[t->spec.after_count++] = rota_options_name(state, "--after", name, 255);
    }
    t->spec.after = t->after;
}

static void add_fatal(struct rota_terms_options *t, const struct argp_state *state, char *numbers)
{
    char *rest = numbers;
    for (char *text = strsep(&rest, ","); text != NULL; text = strsep(&rest, ",")) {
        int64_t status = rota_options_integer(state, "--fatal-status", text, 1, 255);
        t->spec.fatal[status / 8] |= (uint8_t)(1u << (status % 8));
    }
}

/* A time that has passed is no time for a new task; one that has a name may be there. */
static int64_t read_at(struct rota_terms_options *t, const struct argp_state *state,
                       const char *text)
{
    char then[ROTA_WHEN_SIZE];
    char now[ROTA_WHEN_SIZE];
    int64_t now_ms = rota_when_now();
    int64_t at_ms = 0;
    const char *wrong = rota_when_read_time(text, now_ms, &at_ms);
    if (wrong != NULL)
        argp_error(state, "--at: \"%s\" %s", text, wrong);
    if (at_ms < now_ms)
        snprintf(t->late, sizeof t->late, "--at: %s is in the past; it is %s",
                 rota_when_write_time(then, at_ms), rota_when_write_time(now, now_ms));
    else
        t->late[0] = '\0';
    return at_ms;
}

static int64_t duration(const struct argp_state *state, const char *option, const char *text,
                        int64_t least_ms)
{
    return rota_options_duration(state, option, text, least_ms, ROTA_SPEC_DURATION_MAX);
}

static error_t parse_attempts(int key, char *argument, struct argp_state *state)
{
    struct rota_terms_options *t = state->input;
    struct rota_spec *spec = &t->spec;
    switch (key) {
    case RETRIES:
        spec->retries = rota_options_integer(state, "--retries", argument, 0, 1000000);
        break;
    case BACKOFF:
        spec->backoff_ms = duration(state, "--backoff", argument, 0);
        t->backoff_given = true;
        break;
    case BACKOFF_CAP:
        spec->backoff_cap_ms = duration(state, "--backoff-cap", argument, 1);
        t->backoff_cap_given = true;
        break;
    case FATAL_STATUS:
        add_fatal(t, state, argument);
        break;
    case LOSSES:
        spec->losses = rota_options_integer(state, "--losses", argument, 1, 1000000);
        break;
    case TIMEOUT:
        spec->timeout_ms = duration(state, "--timeout", argument, 1);
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    t->given = true;
    return 0;
}

static error_t parse_others(int key, char *argument, struct argp_state *state)
{
    struct rota_terms_options *t = state->input;
    struct rota_spec *spec = &t->spec;
    switch (key) {
    case ID:
        t->id = rota_options_name(state, "--id", argument, 255);
        return 0;
    case PRIORITY:
        spec->priority = rota_options_integer(state, "--priority", argument, -1000, 1000);
        break;
    case DELAY:
        spec->delay_ms = duration(state, "--delay", argument, 0);
        break;
    case AT:
        spec->at_ms = read_at(t, state, argument);
        break;
    case EXPIRES:
        spec->expires_ms = duration(state, "--expires", argument, 1);
        break;
    case AFTER:
        add_after(t, state, argument);
        break;
    case TAG:
        add_tag(t, state, argument);
        break;
    case KEEP:
        spec->keep_ms = duration(state, "--keep", argument, 0);
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    t->given = true;
    return 0;
}

const struct argp rota_terms_attempts_argp = {.options = attempts, .parser = parse_attempts};
const struct argp rota_terms_argp = {.options = others, .parser = parse_others};

void rota_terms_options_init(struct rota_terms_options *t)
{
    *t = (struct rota_terms_options){0};
    rota_spec_init(&t->spec, ROTA_NULL_BYTES);
}

/* One of the two that was given alone moves the other's default out of its way. */
static void check_backoff(const struct argp_state *state, struct rota_terms_options *t)
{
    struct rota_spec *spec = &t->spec;
    if (spec->backoff_ms <= spec->backoff_cap_ms)
        return;
    if (t->backoff_given && t->backoff_cap_given)
        argp_error(state, "--backoff-cap is below --backoff; the cap is the longer one");
    if (t->backoff_given)
        spec->backoff_cap_ms = spec->backoff_ms;
    else
        spec->backoff_ms = spec->backoff_cap_ms;
}

void rota_terms_options_check(const struct argp_state *state, struct rota_terms_options *t)
{
    const struct rota_spec *spec = &t->spec;
    check_backoff(state, t);
    if (t->late[0] != '\0' && t->id == NULL)
        argp_error(state, "%s", t->late);
    if (spec->delay_ms > 0 && spec->at_ms > 0)
        argp_error(state, "--delay and --at both say when; give one of them");
    if (spec->expires_ms > 0 && spec->delay_ms >= spec->expires_ms)
        argp_error(state, "--expires is not above --delay, so the task could never begin");
    if (spec->expires_ms > 0 && spec->at_ms >= rota_when_now() + spec->expires_ms)
        argp_error(state, "--expires ends before --at, so the task could never begin");
    for (uint32_t i = 0; t->id != NULL && i < spec->after_count; i++)
        if (strcmp(spec->after[i], t->id) == 0)
            argp_error(state, "--after: %s cannot come after itself", t->id);
}

const char *rota_terms_options_write(const struct rota_terms_options *t, struct rota_outbox *o,
                                     struct rota_bytes payload, struct rota_bytes *written)
{
    struct rota_spec spec;
    *written = payload;
    if (!t->given)
        return NULL;
    rota_spec_read(o, payload, &spec);
    if (spec.given)
        return "is itself a specification; its terms stand in it, not in options";
    spec = t->spec;
    spec.payload = payload;
    *written = rota_spec_write(o, &spec);
    return written->length <= ROTA_PAYLOAD_LIMIT
               ? NULL
               : "is longer than 1000000 bytes with its specification, the most a task can carry; "
                 "put it in a file and give the name";
}
