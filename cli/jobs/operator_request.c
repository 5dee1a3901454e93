#include "cli/jobs/operator_request.h"

#include <string.h>

#include "cli/jobs/client_main.h"

static const struct argp_option options[] = {{"json", 'J', 0, 0, "print one JSON object a line", 0},
                                             {0}};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct rota_operator_request *r = state->input;

    (void)argument;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &r->options;
        return 0;
    case 'J':
        r->json = true;
        return 0;
    case ARGP_KEY_ARG:
        return ARGP_ERR_UNKNOWN; /* the names come together, as ARGP_KEY_ARGS */
    case ARGP_KEY_ARGS:
        r->names = rota_options_names(state, strcmp(r->kind, "task") == 0 ? "TASK" : "WORKER", 255);
        return 0;
    case ARGP_KEY_END:
        if (r->names == NULL)
            argp_error(state, "no %s is given; rota list %ss shows the names", r->kind, r->kind);
        rota_options_need_zk(state, &r->options);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {{&rota_options_argp, 0, NULL, 0}, {0}};
const struct argp rota_operator_request_argp = {
    .options = options, .parser = parse, .children = children};

int rota_operator_request_run(const struct rota_operator_request *r)
{
    struct rota_job_feed_config feed = {.results = true,
                                        .json = r->json,
                                        .names = r->names,
                                        .operating = &r->operating,
                                        .input = "the list of names"};

    return (int)rota_client_main_run(&r->options, &feed, NULL, NULL);
}
