#include "cli/jobs/terms_options.h"

#include <stdlib.h>
#include <string.h>

#include "cli/base/options.h"
#include "cli/base/wall_clock.h"
#include "cli/jobs/source.h"

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
    {"retries", RETRIES, "N", 0, "try the task again after up to N failures (default 0)", 1},
    {"backoff", BACKOFF, "D", 0,
     "wait before the first retry; doubled for each later one (default 1s)", 1},
    {"backoff-cap", BACKOFF_CAP, "D", 0, "the longest wait before a retry (default 5m)", 1},
    {"fatal-status", FATAL_STATUS, "N[,N...]", 0, "do not retry after these exit statuses", 1},
    {"losses", LOSSES, "N", 0,
     "the task becomes dead when N workers were lost while they ran it (default: the master's)", 1},
    {"timeout", TIMEOUT, "D", 0, "an attempt that takes longer is a failure", 1},
    {0}};

static const struct argp_option others[] = {
    {0, 0, 0, 0, "The task:", 2},
    {"id", ID, "NAME", 0,
     "the task's name. Submitting the same name and payload again finds the same task; the same "
     "name with another payload is refused",
     2},
    {"priority", PRIORITY, "N", 0,
     "from -1000 to 1000; a higher priority is assigned first (default 0)", 2},
    {"delay", DELAY, "D", 0, "do not run the task before this time after the submission", 2},
    {"at", AT, "TIME", 0,
     "do not run the task before this time, such as 2026-11-21T08:00:00Z, 08:00 or @SECONDS", 2},
    {"expires", EXPIRES, "D", 0,
     "the task expires if it has not begun within this time after the submission", 2},
    {"after", AFTER, "TASK[,TASK...]", 0,
     "the task depends on these: it runs when all are done, and is skipped if one is not", 2},
    {"tag", TAG, "TAG", 0, "run the task only on workers that have this tag; can be given again",
     2},
    {"keep", KEEP, "D", 0,
     "how long a result stays in the tree if it is not collected (default: the master's)", 2},
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

/* Cuts the list at its commas, in place. */
static void add_after(struct rota_terms_options *t, const struct argp_state *state, char *names)
{
    char *rest = names;

    for (char *name = strsep(&rest, ","); name != NULL; name = strsep(&rest, ",")) {
        if (t->spec.after_count == ROTA_SPEC_AFTER_MAX)
            argp_error(state, "--after: a task depends on at most %d others", ROTA_SPEC_AFTER_MAX);
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

/* A time in the past is refused for a new task; a task that already has this name is still found.
 */
static int64_t read_at(struct rota_terms_options *t, const struct argp_state *state,
                       const char *text)
{
    char then[ROTA_WALL_CLOCK_SIZE];
    char now[ROTA_WALL_CLOCK_SIZE];
    int64_t now_ms = rota_wall_clock_now();
    int64_t at_ms = 0;
    const char *wrong = rota_wall_clock_read(text, now_ms, &at_ms);

    if (wrong != NULL)
        argp_error(state, "--at: \"%s\" %s", text, wrong);
    if (at_ms < now_ms)
        snprintf(t->too_late, sizeof t->too_late, "--at: %s is in the past; now it is %s",
                 rota_wall_clock_format(then, at_ms), rota_wall_clock_format(now, now_ms));
    else
        t->too_late[0] = '\0';
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

/* If only one of the two was given, the default of the other is adjusted to it. */
static void check_backoff(const struct argp_state *state, struct rota_terms_options *t)
{
    struct rota_spec *spec = &t->spec;

    if (spec->backoff_ms <= spec->backoff_cap_ms)
        return;
    if (t->backoff_given && t->backoff_cap_given)
        argp_error(state, "--backoff-cap is below --backoff; give a longer --backoff-cap");
    if (t->backoff_given)
        spec->backoff_cap_ms = spec->backoff_ms;
    else
        spec->backoff_ms = spec->backoff_cap_ms;
}

void rota_terms_options_check(const struct argp_state *state, struct rota_terms_options *t)
{
    const struct rota_spec *spec = &t->spec;

    check_backoff(state, t);
    if (t->too_late[0] != '\0' && t->id == NULL)
        argp_error(state, "%s", t->too_late);
    if (spec->delay_ms > 0 && spec->at_ms > 0)
        argp_error(state, "--delay and --at contradict each other; give one of them");
    if (spec->expires_ms > 0 && spec->delay_ms >= spec->expires_ms)
        argp_error(state, "--expires is not above --delay, so the task could never begin; give a "
                          "longer --expires");
    if (spec->expires_ms > 0 && spec->at_ms >= rota_wall_clock_now() + spec->expires_ms)
        argp_error(
            state,
            "--expires ends before --at, so the task could never begin; give a longer --expires");
    for (uint32_t i = 0; t->id != NULL && i < spec->after_count; i++)
        if (strcmp(spec->after[i], t->id) == 0)
            argp_error(state, "--after: the task %s cannot depend on itself", t->id);
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
        return "is itself a specification; give its terms there, not as options";
    spec = t->spec;
    spec.payload = payload;
    const char *wrong = rota_spec_write(o, &spec, written);
    if (wrong != NULL)
        return wrong;
    return written->length <= ROTA_PAYLOAD_LIMIT
               ? NULL
               : "is longer than 1000000 bytes with its specification, the limit of a payload; put "
                 "the data into a file and submit its name";
}
