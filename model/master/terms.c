#include "model/master/terms.h"

#include <string.h>

#include "model/tree/spec.h"

struct rota_master_terms rota_master_terms_at(const struct rota_master_context *s, rota_ref ref)
{
    return ref == 0 ? (struct rota_master_terms){.keep_ms = -1}
                    : *(const struct rota_master_terms *)rota_pool_at(s->mem, ref);
}

/* Keeps words as one text, with `between` between them; 0 if there are none. */
static rota_ref keep_words(struct rota_master_context *s, const char *const *words, uint32_t count,
                           char between)
{
    const char *text = "";

    for (uint32_t i = 0; i < count; i++)
        text = i == 0 ? words[i] : rota_outbox_text(s->out, "%s%c%s", text, between, words[i]);
    return text[0] == '\0' ? 0 : rota_text_take(s->mem, text);
}

const char *rota_master_terms_read(struct rota_master_context *s, const struct rota_reply *r,
                                   rota_ref *ref)
{
    struct rota_spec spec;
    struct rota_master_terms terms;
    const char *wrong = rota_spec_read(s->out, r->data, &spec);

    *ref = 0;
    if (wrong != NULL || !spec.given)
        return wrong;
    terms = (struct rota_master_terms){.keep_ms = spec.keep_ms,
                                       .losses = (uint32_t)spec.losses,
                                       .priority = (int32_t)spec.priority};
    terms.not_before_ms = spec.delay_ms > 0 ? r->stat.ctime_ms + spec.delay_ms : 0;
    if (spec.at_ms > terms.not_before_ms)
        terms.not_before_ms = spec.at_ms;
    terms.expires_ms = spec.expires_ms > 0 ? r->stat.ctime_ms + spec.expires_ms : 0;
    terms.tags = keep_words(s, spec.tags, spec.tag_count, ',');
    terms.after = keep_words(s, spec.after, spec.after_count, '\n');
    *ref = rota_pool_take(s->mem, sizeof terms);
    memcpy(rota_pool_at(s->mem, *ref), &terms, sizeof terms);
    return NULL;
}

void rota_master_terms_give(struct rota_master_context *s, rota_ref ref)
{
    struct rota_master_terms terms = rota_master_terms_at(s, ref);

    rota_text_give(s->mem, terms.tags);
    rota_text_give(s->mem, terms.after);
    rota_pool_give(s->mem, ref, sizeof terms);
}
