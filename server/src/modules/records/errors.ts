import { catalogue, invalid } from "#kit/errors.ts";

export const recordErrors = catalogue({
  statistics_too_many_groups: invalid({
    en: "The period has more groups than one answer holds.",
    zh: "统计分组过多，请缩短时间范围。",
    advice: "Ask for a shorter period or coarser groups; `details.most` groups fit into one answer.",
  }),
});
