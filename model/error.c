#include "model/error.h"

const char *rota_error_name(int32_t rc)
{
    switch (rc) {
#define X(name, number, sentence)                                                                  \
    case number:                                                                                   \
        return #name;
        ROTA_ERROR_MAP(X)
#undef X
    default:
        return "UNKNOWN";
    }
}

const char *rota_error_sentence(int32_t rc)
{
    switch (rc) {
#define X(name, number, sentence)                                                                  \
    case number:                                                                                   \
        return sentence;
        ROTA_ERROR_MAP(X)
#undef X
    default:
        return "an error this program does not know";
    }
}
