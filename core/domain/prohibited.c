#include "domain/prohibited.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/check.h"

/* Chinese terms, simplified and traditional: found anywhere in a text. */
static const char *const han_terms[] = {
    /* religion */
    "宗教信仰",
    "信仰佛教",
    "信仰道教",
    "信仰伊斯兰",
    "信仰基督",
    "信仰天主",
    "佛教徒",
    "基督徒",
    "天主教徒",
    "穆斯林信徒",
    "宗教背景",
    /* genes */
    "基因信息",
    "基因检测",
    "基因序列",
    "遗传病",
    "遗传信息",
    "基因資訊",
    /* fingerprints and other traits of the body */
    "指纹信息",
    "指纹图像",
    "指纹数据",
    "指紋",
    "虹膜信息",
    "人脸特征",
    "声纹",
    /* blood type */
    "血型",
    "Rh阴性",
    "Rh阳性",
    /* diseases and medical history */
    "病史",
    "病历",
    "病歷",
    "疾病信息",
    "疾病史",
    "患有",
    "确诊",
    "住院记录",
    "诊断证明",
    "艾滋病",
    "乙肝",
    "肝炎",
    "癌症",
    "肿瘤",
    "糖尿病",
    "高血压",
    "精神病",
    "抑郁症",
    "残疾等级",
    "怀孕",
};

/* Latin terms: found as words, in any case. */
static const char *const latin_terms[] = {
    "religion",
    "religious belief",
    "religious",
    "buddhist",
    "taoist",
    "catholic",
    "protestant",
    "christian faith",
    "muslim",
    "genome",
    "genetic",
    "genetic data",
    "dna",
    "fingerprint",
    "fingerprints",
    "iris scan",
    "voiceprint",
    "blood type",
    "blood group",
    "medical history",
    "medical record",
    "medical records",
    "disease",
    "diagnosis",
    "diagnosed",
    "hiv",
    "aids patient",
    "hepatitis",
    "cancer",
    "tumour",
    "tumor",
    "diabetes",
    "diabetic",
    "schizophrenia",
    "depression",
    "disability grade",
    "pregnant",
};

static bool is_word_at(const char *text, const char *at, size_t size)
{
    bool is_begun = at == text || !isalnum((unsigned char)at[-1]);

    return is_begun && !isalnum((unsigned char)at[size]);
}

static bool has_word(const char *text, const char *term)
{
    size_t size = strlen(term);

    for (const char *at = text; *at; at++)
        if (strncasecmp(at, term, size) == 0 && is_word_at(text, at, size))
            return true;
    return false;
}

bool prohibited_is_in(const char *text)
{
    for (size_t i = 0; i < ARRAY_LENGTH(han_terms); i++)
        if (strstr(text, han_terms[i]))
            return true;
    for (size_t i = 0; i < ARRAY_LENGTH(latin_terms); i++)
        if (has_word(text, latin_terms[i]))
            return true;
    return false;
}
