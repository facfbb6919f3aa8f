import { catalogue, invalid } from "#kit/errors.ts";

export const recordErrors = catalogue({
  export_too_large: invalid({
    en: "There are more rows than a file of this format holds.",
    zh: "记录数超过该格式的上限。",
    advice: "Narrow the filter to `details.most` rows, or ask for CSV, which has no limit.",
  }),
  statistics_too_many_groups: invalid({
    en: "The period has more groups than one answer holds.",
    zh: "统计分组过多，请缩短时间范围。",
    advice: "Ask for a shorter period or coarser groups; `details.most` groups fit into one answer.",
  }),
});
