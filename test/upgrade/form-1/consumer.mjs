// shared/text/error-text.ts
function namedErrorText(error) {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

// shared/projection/counted-steps.ts
function countedSteps(transitions, start) {
  let before = start;
  return transitions.map(({ from, to, event, arrivedAt, bytes }) => {
    const isGap2 = before?.status !== from;
    const step = {
      from,
      to,
      at: event.time,
      millis: isGap2 ? void 0 : millisBetween(before?.since, event.time),
      wholeMillis: isGap2 ? void 0 : millisBetween(arrivedAt, event.time),
      bytes
    };
    before = { status: to, since: event.time };
    return step;
  });
}
function millisBetween(since, until) {
  return since ? Math.max(0, Date.parse(until) - Date.parse(since)) : void 0;
}

// shared/pipeline/status.ts
var STATUSES = [
  "pending",
  "manifested",
  "processing",
  "completed",
  "failed",
  "quarantined"
];
var UNKNOWN_STATUS = "unknown";
var IN_FLIGHT_STATUSES = [
  "pending",
  "manifested",
  "processing"
];
function isStatus(name) {
  return STATUSES.includes(name);
}
function isInFlight(status) {
  return IN_FLIGHT_STATUSES.includes(status);
}
function parseStatus(stored) {
  if (typeof stored !== "string") return { status: UNKNOWN_STATUS, suffix: "" };
  const cut2 = stored.indexOf("#");
  const status = cut2 < 0 ? stored : stored.slice(0, cut2);
  return { status: status || UNKNOWN_STATUS, suffix: cut2 < 0 ? "" : stored.slice(cut2) };
}

// shared/text/time.ts
var PLAIN_UTC_TIME = /^20\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3,9}(?:Z|\+00:00)$/;
var DAY = String.raw`(?<day>\d{1,2})`;
var ZONE = String.raw`(?<zone>Z|UTC|GMT|UT|[+-]\d{2}(?::?\d{2})?)`;
var FRACTION = String.raw`(?:[.,](?<fraction>\d+))?`;
var SPELLINGS = [
  // 2026-11-25T22:15:00.123+01:00, 2026-11-25 22:15:00 UTC
  String.raw`(?<year>\d{4})-(?<month>\d{2})-(?<day>\d{2})[T ](?<hour>\d{2}):(?<minute>\d{2})(?::(?<second>\d{2})${FRACTION})? ?${ZONE}?`,
  // 20261125T221500Z
  String.raw`(?<year>\d{4})(?<month>\d{2})(?<day>\d{2})T(?<hour>\d{2})(?<minute>\d{2})(?:(?<second>\d{2})${FRACTION})? ?${ZONE}?`,
  // Wed, 25 Nov 2026 22:15:00 GMT, as in e-mail and HTTP (RFC 2822, 2.3.3); a comment may follow the zone
  String.raw`(?:[a-z]{3}, *)?${DAY} +(?<name>[a-z]{3}) +(?<year>\d{4}) +(?<hour>\d{2}):(?<minute>\d{2})(?::(?<second>\d{2}))? +${ZONE}(?: *\([^()]*\))?`
].map((spelling) => new RegExp(`^${spelling}$`, "i"));
var EPOCH = /^(\d+)(?:[.,](\d*))?$/;
var SCIENTIFIC = /^\d(?:\.\d+)?e\+?\d{1,2}$/i;
var EPOCH_DIGITS = { seconds: 10, milliseconds: 13, microseconds: 16, nanoseconds: 19 };
var MILLIS_DIGITS = EPOCH_DIGITS.milliseconds;
var EPOCH_LENGTHS = new Set(Object.values(EPOCH_DIGITS));
var EARLIEST = Date.UTC(2e3, 0, 1);
var LATEST = Date.UTC(2100, 0, 1);
var MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
var WIDEST_OFFSET_MINUTES = 14 * 60;
function parseFieldTime(value) {
  const text2 = textOf(value);
  if (text2 === void 0) return void 0;
  if (PLAIN_UTC_TIME.test(text2)) return `${text2.slice(0, 19)}.${text2.slice(20, 23)}Z`;
  const millis = epochMillis(text2) ?? calendarMillis(text2);
  return millis !== void 0 && millis >= EARLIEST && millis < LATEST ? isoTime(millis) : void 0;
}
function textOf(value) {
  switch (typeof value) {
    case "string":
      return SCIENTIFIC.test(value.trim()) ? String(Number(value)) : value.trim();
    case "number":
    case "bigint":
      return String(value);
    default:
      return value !== null && typeof value === "object" && "value" in value && typeof value.value === "string" ? textOf(value.value) : void 0;
  }
}
function epochMillis(text2) {
  const [, whole = "", fraction = ""] = EPOCH.exec(text2) ?? [];
  if (!EPOCH_LENGTHS.has(whole.length)) return void 0;
  return Number((whole + fraction).padEnd(MILLIS_DIGITS, "0").slice(0, MILLIS_DIGITS));
}
function calendarMillis(text2) {
  const parts = SPELLINGS.map((spelling) => spelling.exec(text2)?.groups).find((groups) => groups);
  if (!parts) return void 0;
  const { year, month, name, day, hour, minute, second = "0", fraction = "", zone } = parts;
  const monthIndex = name === void 0 ? Number(month) - 1 : MONTHS.indexOf(name.toLowerCase());
  const given = [
    Number(year),
    monthIndex,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second)
  ];
  const millis = Date.UTC(...given, Number(fraction.padEnd(3, "0").slice(0, 3)));
  const offset = offsetMinutes(zone);
  const date = new Date(millis);
  const meant = [
    date.getUTCFullYear(),
    date.getUTCMonth(),
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds()
  ];
  if (offset === void 0 || given.some((part, i) => part !== meant[i])) return void 0;
  return millis - offset * 6e4;
}
function offsetMinutes(zone = "Z") {
  const [, sign, hours, minutes = "00"] = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone) ?? [];
  if (sign === void 0) return 0;
  const total = Number(hours) * 60 + Number(minutes);
  if (Number(minutes) > 59 || total > WIDEST_OFFSET_MINUTES) return void 0;
  return sign === "-" ? -total : total;
}
function streamedMillis(created) {
  const isDate = created instanceof Date;
  const time = parseFieldTime(isDate ? created.getTime() : created);
  return time === void 0 ? void 0 : Date.parse(time);
}
function isoTime(millis) {
  return new Date(millis).toISOString();
}
function dayOf(millis) {
  return new Date(millis).toISOString().slice(0, 10);
}
var LAST_DAY = Date.parse("9999-12-31T00:00:00Z");

// shared/projection/counter-kind.ts
function counterPartition(date_prefix) {
  return date_prefix === void 0 ? "STATS#ALL" : `STATS#${date_prefix}`;
}
function flowPartition(date_prefix) {
  return `FLOW#${date_prefix}`;
}
var CLASS_MARK = "~";

// shared/projection/ages.ts
var PART = "age#";
var UNKNOWN_DAY = "unknown";
var LETTERS = {
  file: { pending: "p", manifested: "m", processing: "r" },
  manifest: { pending: "P", manifested: "M", processing: "R" }
};
var ageCounts = {
  name: "a",
  placeOf: ({ entity, status, since }) => isInFlight(status) ? `${LETTERS[entity][status]}${hourOf(since)}` : void 0,
  held({ date_prefix, counted }) {
    const place = counted?.a;
    if (place === void 0) return [];
    const [letter = "", day = UNKNOWN_DAY, hour = ""] = PLACE.exec(place)?.slice(1) ?? [];
    const part = `${PART}${day}`;
    const add2 = { [`${letter}${hour}`]: 1 };
    return [void 0, date_prefix].map((date) => ({ pk: counterPartition(date), part, add: add2 }));
  },
  isHeld: (part) => part.startsWith(PART)
};
var PLACE = /^(.)(?:(\d{4}-\d\d-\d\d)T(\d\d))?$/;
var IN_HOUR = /^\d{4}-\d\d-\d\dT\d\d/;
function hourOf(since) {
  return IN_HOUR.exec(since)?.[0] ?? "";
}

// shared/projection/counters.ts
var COUNTED_STATUSES = [...STATUSES, UNKNOWN_STATUS];
var COUNT_ATTRIBUTES = { file: attributes("file"), manifest: attributes("manifest") };
var ARRIVAL_ATTRIBUTES = { file: attributes("file_arrived"), manifest: attributes("manifest_arrived") };
var COUNT_NAMES = [
  ...Object.values(COUNT_ATTRIBUTES.file),
  ...Object.values(COUNT_ATTRIBUTES.manifest),
  ...Object.values(ARRIVAL_ATTRIBUTES.file),
  ...Object.values(ARRIVAL_ATTRIBUTES.manifest)
];
function countAttribute(entity, status) {
  return COUNT_ATTRIBUTES[entity][countedStatus(status)];
}
function isCountAttribute(attribute) {
  return HELD_NAMES.has(attribute);
}
var HELD_NAMES = /* @__PURE__ */ new Set([
  ...Object.values(COUNT_ATTRIBUTES.file),
  ...Object.values(COUNT_ATTRIBUTES.manifest)
]);
function arrivalAttribute(entity, status) {
  return ARRIVAL_ATTRIBUTES[entity][countedStatus(status)];
}
function attributes(start) {
  const names = COUNTED_STATUSES.map((status) => [status, `${start}_${status}`]);
  return Object.fromEntries(names);
}
function countedStatus(status) {
  return isStatus(status) ? status : UNKNOWN_STATUS;
}
function sumDeltas(deltas) {
  const sum = {};
  for (const delta of deltas) {
    for (const [attribute, amount] of Object.entries(delta)) add(sum, attribute, amount);
  }
  return withoutZeros(sum);
}
function add(delta, attribute, amount) {
  delta[attribute] = (delta[attribute] ?? 0) + amount;
}
function withoutZeros(delta) {
  if (!Object.values(delta).includes(0)) return delta;
  return Object.fromEntries(Object.entries(delta).filter(([, amount]) => amount !== 0));
}

// shared/projection/log-buckets.ts
var GROWTH = Math.log(1.05);
function bucketOf(value) {
  if (value < 1) return 0;
  const near = Math.floor(Math.log(value) / GROWTH) + 1;
  if (value >= boundsOf(near).to) return near + 1;
  return value < boundsOf(near).from ? near - 1 : near;
}
function boundsOf(bucket) {
  if (bucket === 0) return { from: 0, to: 1 };
  return { from: 1.05 ** (bucket - 1), to: 1.05 ** bucket };
}

// shared/projection/durations.ts
var CLAIMED = "claimed";
var SETTLED = "settled";
var PLACES = {
  pending_to_manifested: [CLAIMED, "p"],
  manifested_to_processing: [CLAIMED, "m"],
  manifested_to_completed: [SETTLED, "c"],
  manifested_to_failed: [SETTLED, "f"],
  processing_to_completed: [SETTLED, "d"],
  processing_to_failed: [SETTLED, "e"],
  arrival_to_settled: [SETTLED, "a"]
};
var UNKNOWN = "_";
var durationCounts = {
  name: "d",
  passed: ({ entity, date_prefix, steps }) => entity !== "file" ? [] : steps.flatMap(({ from, to, millis, wholeMillis }) => {
    const step = `${from}_to_${to}`;
    if (!isTimed(step)) return [];
    const taken = added(date_prefix, step, millis);
    return PLACES[step][0] === SETTLED ? [taken, added(date_prefix, "arrival_to_settled", wholeMillis)] : [taken];
  })
};
function isTimed(step) {
  return step in PLACES;
}
function added(date_prefix, step, millis) {
  const [part, letter] = PLACES[step];
  const bucket = millis === void 0 ? UNKNOWN : String(bucketOf(millis / 1e3));
  return { pk: flowPartition(date_prefix), part, add: { [`${letter}${bucket}`]: 1 } };
}

// shared/pipeline/failure-class.ts
import { createHash } from "node:crypto";

// shared/pipeline/names.ts
function parsePath(path, usualBucket) {
  if (typeof path !== "string" || path === "") return void 0;
  const uri = /^s3[an]?:\/\/([^/]+)\/(.+)$/s.exec(path);
  if (uri?.[1] && uri[2]) return { bucket: uri[1], key: uri[2] };
  return path.includes("://") ? void 0 : { bucket: usualBucket, key: path.replace(/^\//, "") };
}
function bareName(key) {
  return key.slice(key.lastIndexOf("/") + 1);
}
var KEPT_SIGNS = ["*", "!~*'()", "~", ""];
var ENCODERS = KEPT_SIGNS.flatMap((kept) => [
  { kept, space: "+" },
  { kept, space: "%20" }
]);

// shared/pipeline/job-error.ts
function parseJobError(text2) {
  const object = /^\{Error=([^,}]*),\s*Cause=(.*)$/s.exec(text2.trim());
  const cause = object ? (object[2] ?? "").replace(/\}$/, "") : text2;
  const message = jsonText(cause, "ErrorMessage") ?? jsonText(cause, "errorMessage") ?? {
    text: cause,
    isCut: object !== null && !/\}\s*$/.test(text2)
  };
  return {
    error: object?.[1],
    message: message.text,
    jobName: jsonText(cause, "JobName")?.text,
    runId: jsonText(cause, "Id")?.text,
    manifest: parsePath(jsonText(cause, "--MANIFEST_PATH")?.text, ""),
    missing: missingIn(message)
  };
}
function jsonText(json, name) {
  const start = new RegExp(`"${name}"\\s*:\\s*"`).exec(json);
  if (!start) return void 0;
  const rest = json.slice(start.index + start[0].length);
  const [body = ""] = /^(?:[^"\\]|\\.)*/s.exec(rest) ?? [];
  return { text: unescaped(body), isCut: body.length === rest.length };
}
function unescaped(body) {
  try {
    return String(JSON.parse(`"${body}"`));
  } catch {
    return body;
  }
}
function missingIn({ text: text2, isCut }) {
  const match = /Path does not exist:\s*(s3[an]?:\/\/[^\s"'<>]+)/i.exec(text2);
  if (!match?.[1]) return void 0;
  const isAtEnd = match.index + match[0].length === text2.length;
  return isAtEnd && isCut ? void 0 : parsePath(match[1].replace(/[;,.]+$/, ""), "");
}

// shared/pipeline/reduce-text.ts
function reduceText(text2) {
  const line = unwrap(tellingLine(text2.slice(0, MOST_READ)));
  const replaced = REPLACEMENTS.reduce((left, [pattern, by]) => left.replace(pattern, by), line);
  const marked = replaced.replace(CODE, (_, name, code) => `${name} ${KEPT}${code}`);
  const words = marked.replace(/[^\s()[\]{},;:=|<>"']+/g, reduceWord);
  return tidy(words);
}
var MOST_READ = 4e3;
function tellingLine(text2) {
  const lines = text2.split(/[\r\n]+/).filter((line) => line.trim() !== "");
  const isTraceback = lines.some((line) => /^\s*Traceback \(most recent call last\)/.test(line));
  const told = isTraceback ? lines.findLast((line) => !/^\s/.test(line)) : lines[0];
  return (told ?? "").trim();
}
var WRAPPERS = [
  // Py4J, for each error of the JVM: `An error occurred while calling o63.parquet.`
  /^An error occurred while calling [a-z]*\d*\.[\w$]+[.:]\s*/i,
  // Spark's scheduler: the last attempt's error follows.
  /^(?:[\w.$]*SparkException:\s*)?Job aborted due to stage failure:.*?most recent failure:\s*/is,
  /^Lost task \d+\.\d+ in stage \d+\.\d+ \(TID \d+\)\s*(?:\([^)]*\))?\s*:?\s*/i,
  // Hadoop's S3 client names the address and what it did there.
  /^(?:(?:\w+ on )?s3[an]?:\/\/[^\s:]+:\s*)+/i
];
function unwrap(line) {
  const stripped = WRAPPERS.reduce((left, wrapper) => left.replace(wrapper, ""), line);
  return stripped === "" || stripped === line ? line : unwrap(stripped);
}
var HOUR = String.raw`\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?`;
var REPLACEMENTS = [
  // The AWS SDK's details: its ids differ each time.
  [/[;,]?\s*(?:S3 )?(?:Extended )?Request ?ID:\s*[^;,)\s]*(?:\s*[;,]\s*Proxy:\s*\w+)?/gi, ""],
  [/[;,]\s*Proxy:\s*\w+/gi, ""],
  [/\barn:aws[\w-]*:[^\s"'<>()[\]{},;]+/gi, "<arn>"],
  [/\b[a-z][a-z0-9+.-]*:\/\/[^\s"'<>()[\]{},;]+/gi, "<uri>"],
  [/(?<![\w.])[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g, "<address>"],
  // A quotation mark within a word is an apostrophe.
  [/(?<![\w])(["'`])(?:(?!\1)[^\n]){0,300}?\1(?!\w)/g, "<name>"],
  // A list of values; the classes of newer Spark errors stand in brackets too: [PATH_NOT_FOUND].
  [/\[(?![A-Z][A-Z_.]+\])[^[\]]*\]/g, "[\u2026]"],
  [
    new RegExp(String.raw`\b\d{4}-\d{2}-\d{2}(?:[T ]${HOUR})?(?:Z|[+-]\d{2}:?\d{2})?(?![\w-])`, "g"),
    "<time>"
  ],
  [new RegExp(String.raw`(?<![\w:.])${HOUR}(?![\w:])`, "g"), "<time>"],
  [/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g, "<address>"],
  [/(?<![\w<])(?:[a-z]:)?[/\\](?:[^\s"'()[\]{},;:/\\]+[/\\])+[^\s"'()[\]{},;:]*/gi, "<path>"]
];
var CODE = /\b((?:status|exit|error|return)(?: code| status)?:?|HTTP|errno)\s+(\d{1,3})\b/gi;
var KEPT = "\0";
var WORDS_WITH_DIGITS = /^(?:s3[an]?|ec2|utf-?8|utf-?16|md5|sha-?\d{1,3}|base64|ipv[46]|http\/?[12](?:\.\d)?|int(?:8|16|32|64)|uint\d{1,2}|float(?:32|64)|java\d{1,2}|python[23]?|log4j2?|py4j|boto3|oauth2)$/i;
var CODE_NAME = /^(?:[a-z][a-z0-9_]*\.)+[A-Z][A-Za-z0-9$]*$|^[A-Z][a-z]+[A-Za-z0-9]*(?:Exception|Error|Fault|Failure|V\d)$/;
function reduceWord(word) {
  if (word.startsWith(KEPT)) return word.slice(KEPT.length);
  if (!/\d/.test(word)) return isHexId(word) ? "<id>" : word;
  const end = /[.!?]+$/.exec(word)?.[0] ?? "";
  const bare = word.slice(0, word.length - end.length);
  if (WORDS_WITH_DIGITS.test(bare) || CODE_NAME.test(bare)) return word;
  if (/^[+-]?\d[\d.,_]*(?:e[+-]?\d+)?(?:%|[a-z]{1,5}(?:\/s)?)?$/i.test(bare)) return `<n>${end}`;
  return `<id>${end}`;
}
function isHexId(word) {
  return /^[a-f]{16,}$/i.test(word) || word.length > 64;
}
function tidy(text2) {
  return text2.replace(/(<[a-z]+>)(?:[\s,;/|.:-]*\1)+/g, "$1").replace(/\s+/g, " ").replace(/[\s:;,.]+$/, "").trim();
}

// shared/pipeline/failure-class.ts
var CLASS_VERSION = 1;
var MOST_CHARACTERS = 160;
var SLUG_WORDS = 5;
var SLUG_CHARACTERS = 48;
var HASH_DIGITS = 6;
var NO_ERROR_TEXT = "no error text";
var SAYS_NOTHING = /* @__PURE__ */ new Set(["States.TaskFailed", "Exception", "Error"]);
function failureClass(errorMessage) {
  const text2 = classText(errorMessage);
  return { id: `${slug(text2)}-${CLASS_VERSION}-${hash(text2)}`, text: text2 };
}
function classText(errorMessage) {
  const { error, message } = parseJobError(asText(errorMessage));
  const reduced = reduceText(message);
  const named = error !== void 0 && !SAYS_NOTHING.has(error) ? [error] : [];
  const text2 = [...named, ...reduced === "" ? [] : [reduced]].join(": ");
  return text2 === "" ? NO_ERROR_TEXT : cut(text2);
}
function asText(errorMessage) {
  if (typeof errorMessage === "string") return errorMessage;
  if (errorMessage === void 0 || errorMessage === null) return "";
  try {
    return JSON.stringify(errorMessage) ?? "";
  } catch {
    return String(errorMessage);
  }
}
function cut(text2) {
  if (text2.length <= MOST_CHARACTERS) return text2;
  const end = text2.lastIndexOf(" ", MOST_CHARACTERS);
  return `${text2.slice(0, end > 0 ? end : MOST_CHARACTERS)} \u2026`;
}
function slug(text2) {
  const words = text2.replace(/<[a-z]+>|\[…\]/g, " ").replace(/\b(?:[a-z]\w*\.)+(?=[A-Z])/g, "").replace(/([a-z])([A-Z])/g, "$1-$2").toLowerCase().split(/[^a-z0-9]+/).filter((word) => word !== "" && !SMALL_WORDS.has(word));
  const short = words.slice(0, SLUG_WORDS).join("-").slice(0, SLUG_CHARACTERS).replace(/-$/, "");
  return short === "" ? "other" : short;
}
var SMALL_WORDS = /* @__PURE__ */ new Set([
  "a",
  "an",
  "are",
  "for",
  "in",
  "is",
  "of",
  "occurred",
  "the",
  "to",
  "when",
  "with"
]);
function hash(text2) {
  return createHash("sha256").update(text2).digest("hex").slice(0, HASH_DIGITS);
}

// shared/pipeline/record-failure.ts
var FAILURE_STATUSES = ["failed", "quarantined"];
var NO_REASON = failureClass("no reason given");
function failureOf(entity, status, read) {
  if (entity !== "file" || !isFailure(status)) return void 0;
  const error = read("error_message");
  if (status === "failed") return failureClass(error);
  const reason = isEmpty(error) ? read("quarantine_reason") : error;
  return isEmpty(reason) ? NO_REASON : failureClass(reason);
}
function isFailure(status) {
  return FAILURE_STATUSES.some((each) => each === status);
}
function isEmpty(value) {
  return value === void 0 || value === null || value === "";
}

// shared/projection/failure-counts.ts
var HOUR2 = 36e5;
var OTHER_CLASS = "other";
var LETTERS2 = { failed: "f", quarantined: "q" };
var HELD_LETTERS = Object.values(LETTERS2);
var failureCounts = {
  name: "f",
  placeOf: ({ entity, status, classId }) => {
    const letter = letterOf(entity, status);
    return letter === void 0 || classId === void 0 ? void 0 : `${letter}${classId}`;
  },
  held({ date_prefix, counted }) {
    const place = counted?.f;
    if (place === void 0) return [];
    const add2 = { [place.slice(0, 1)]: 1 };
    return [void 0, date_prefix].map((date) => changeOf(date, place.slice(1), add2));
  },
  passed: ({ failures = [] }) => failures.map(({ classId, at }) => changeOf(void 0, classId, { e: 1, [hourAttribute(at)]: 1 })),
  isHeld: (part, attribute) => part.startsWith(CLASS_MARK) && HELD_LETTERS.includes(attribute)
};
function letterOf(entity, status) {
  const failed = FAILURE_STATUSES.find((each) => each === status);
  return entity === "file" && failed ? LETTERS2[failed] : void 0;
}
function changeOf(date, classId, add2) {
  return { pk: counterPartition(date), part: `${CLASS_MARK}${classId}`, add: add2 };
}
function hourAttribute(at) {
  return `h${Math.floor(Date.parse(at) / HOUR2).toString(36)}`;
}
function placeOf(places, classId) {
  return classId === void 0 ? void 0 : places.get(classId) ?? classId;
}

// shared/projection/sizes.ts
var ARRIVED = "arrived";
var SIZE = "s";
var VOLUME = "v";
var UNKNOWN2 = "_";
var OTHER_DAY = "x";
var sizeCounts = {
  name: "b",
  passed: ({ entity, date_prefix, steps }) => steps.flatMap(({ from, to, at, bytes }) => {
    if (entity !== "file" || from !== void 0 || to !== "pending") return [];
    const bucket = bytes === void 0 ? UNKNOWN2 : String(bucketOf(bytes));
    const hour = at.startsWith(`${date_prefix}T`) ? at.slice(11, 13) : OTHER_DAY;
    const add2 = { [`${SIZE}${bucket}`]: 1, ...bytes !== void 0 && { [`${VOLUME}${hour}`]: bytes } };
    return [{ pk: flowPartition(date_prefix), part: ARRIVED, add: add2 }];
  })
};

// shared/projection/status-counts.ts
var statusCounts = {
  name: "s",
  held: ({ entity, date_prefix, status }) => inBoth(date_prefix, { [countAttribute(entity, status)]: 1 }),
  passed({ entity, date_prefix, arrivals }) {
    if (arrivals.length === 0) return [];
    const reached = arrivals.flatMap(
      (status) => status === void 0 ? [] : [{ [arrivalAttribute(entity, status)]: 1 }]
    );
    return inBoth(date_prefix, sumDeltas(reached));
  },
  isHeld: (part, attribute) => part === "" && isCountAttribute(attribute)
};
function inBoth(date_prefix, add2) {
  return [void 0, date_prefix].map((date) => ({ pk: counterPartition(date), part: "", add: add2 }));
}

// shared/projection/counter-kinds.ts
var KINDS = [statusCounts, ageCounts, failureCounts, durationCounts, sizeCounts];
function countedAs(standing) {
  let counted;
  for (const { name, placeOf: placeOf2 } of KINDS) {
    const place = placeOf2?.(standing);
    if (place !== void 0) counted = { ...counted, [name]: place };
  }
  return counted;
}
function heldBy(head) {
  return KINDS.flatMap(({ held }) => held?.(head) ?? []);
}
function changesOf(move) {
  const left = move.before ? heldBy(move.before).map(negated) : [];
  const entered = move.after ? heldBy(move.after) : [];
  return [...left, ...entered, ...KINDS.flatMap(({ passed }) => passed?.(move) ?? [])];
}
function sumChanges(changes) {
  const byCounter = /* @__PURE__ */ new Map();
  for (const { pk, part, add: add2 } of changes) {
    const id = `${part}|${pk}`;
    const known = byCounter.get(id);
    if (known) known.adds.push(add2);
    else byCounter.set(id, { name: { pk, part }, adds: [add2] });
  }
  const sums = [...byCounter.values()].map(({ name, adds }) => ({ ...name, add: sumDeltas(adds) }));
  return sums.filter(({ add: add2 }) => Object.keys(add2).length > 0);
}
function negated({ pk, part, add: add2 }) {
  const entries = Object.entries(add2).map(([attribute, amount]) => [attribute, -amount]);
  return { pk, part, add: Object.fromEntries(entries) };
}

// shared/text/refused.ts
var EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  /** Refused, cancelled, or a plan that is no longer true. */
  refused: 3,
  credentials: 4,
  partly: 5,
  interrupted: 130
};
var REFUSALS = {
  USAGE: [400, EXIT.usage],
  INVALID_PAYLOAD: [400, EXIT.usage],
  UNKNOWN_OPERATION: [400, EXIT.usage],
  READ_ONLY: [403, EXIT.refused],
  INVALID_INPUT: [400, EXIT.usage],
  INVALID_NEXT_TOKEN: [400, EXIT.usage],
  ANSWER_TOO_LARGE: [400, EXIT.failed],
  NOT_CONFIRMED: [409, EXIT.refused],
  FILE_NOT_FOUND: [404, EXIT.failed],
  NOT_A_FILE: [400, EXIT.refused],
  STATUS_CONFLICT: [409, EXIT.refused],
  VERSION_CONFLICT: [409, EXIT.refused],
  VERSION_UNKNOWN: [409, EXIT.refused],
  FORCE_NEEDED: [400, EXIT.refused],
  NAME_UNREADABLE: [409, EXIT.refused],
  INPUT_GONE: [409, EXIT.refused],
  INPUT_UNKNOWN: [409, EXIT.refused],
  STILL_RUNNING: [409, EXIT.refused],
  EMPTY_SELECTION: [400, EXIT.refused],
  TOO_MANY_CHANGES: [400, EXIT.refused],
  DUPLICATE_FILE: [400, EXIT.refused],
  INVALID_PLAN: [400, EXIT.refused],
  OTHER_TABLE: [400, EXIT.refused],
  OTHER_PLACE: [409, EXIT.refused],
  OTHER_VERSION: [400, EXIT.refused],
  STALE_PLAN: [400, EXIT.refused],
  PLAN_NEEDED: [409, EXIT.refused],
  CANNOT_BE_WRITTEN: [409, EXIT.failed],
  NOT_ENDED: [409, EXIT.failed],
  CHANGE_NOT_FOUND: [404, EXIT.failed],
  CHANGE_EXISTS: [400, EXIT.refused],
  CHANGE_CLOSED: [409, EXIT.refused],
  NOTHING_TO_UNDO: [409, EXIT.refused],
  REBUILD_NOT_FOUND: [404, EXIT.failed],
  REBUILD_SEGMENTS: [409, EXIT.refused],
  NOTHING_PENDING: [409, EXIT.refused],
  /** The credentials are missing, expired, or may not do that. */
  NOT_ALLOWED: [400, EXIT.credentials],
  /** Something that was needed is missing or cannot be reached. */
  UNAVAILABLE: [400, EXIT.failed]
};

// shared/pipeline/record.ts
var TRACKING_SCHEMA = {
  partitionKey: "date_prefix",
  sortKey: "file_key",
  statusIndex: { partitionKey: "status", sortKey: "date_prefix" },
  /** In epoch seconds. */
  timeToLive: "ttl"
};
var MANIFEST_PREFIX = "MANIFEST#";
var MANIFEST_OF_DATE = "MANIFEST";
var LOCK_PREFIX = "LOCK#";
var LOCK = "LOCK";
function recordKind({ date_prefix, file_key }) {
  if (file_key === MANIFEST_OF_DATE || file_key.startsWith(MANIFEST_PREFIX)) return "manifest";
  return [date_prefix, file_key].some((key) => key === LOCK || key.startsWith(LOCK_PREFIX)) ? "lock" : "file";
}
function entityOf(key) {
  return recordKind(key) === "manifest" ? "manifest" : "file";
}
var CHANGE_ATTRIBUTES = {
  id: "state_change_id",
  actor: "state_change_actor",
  reason: "state_change_reason",
  /** An undo gives the record its old times back, so only this one tells when an operator wrote. */
  time: "state_change_time"
};
var FUTURE_TOLERANCE_MILLIS = 15 * 6e4;
function pastTime(value, now) {
  const time = parseFieldTime(value);
  return time !== void 0 && Date.parse(time) <= now + FUTURE_TOLERANCE_MILLIS ? time : void 0;
}
var CREATION = ["created_at", "upload_time"];
var STATUS_TIME_ATTRIBUTE = {
  manifested: "manifest_time",
  processing: "processing_start_time",
  completed: "completed_time",
  failed: "failed_time",
  quarantined: "quarantined_time"
};
function timeAttributeOf(status) {
  return Object.hasOwn(STATUS_TIME_ATTRIBUTE, status) ? STATUS_TIME_ATTRIBUTE[status] : void 0;
}
function creationTime(read, now) {
  return firstTime(CREATION, read, now);
}
function statusTime(status, read, now, old) {
  const later = [timeAttributeOf(status) ?? "updated_at", "updated_at"];
  if (old)
    return firstTime(
      later.filter((name) => read(name) !== old(name)),
      read,
      now
    );
  const isNew = later.every((name) => isAbsent(read(name)));
  return isNew ? creationTime(read, now) : firstTime(later, read, now);
}
function isAbsent(value) {
  return value === void 0 || value === null || value === "";
}
function firstTime(names, read, now) {
  for (const name of names) {
    const time = pastTime(read(name), now);
    if (time) return time;
  }
  return void 0;
}

// shared/projection/position.ts
var LOWEST_POSITION = "0";
var SEQUENCE_DIGITS = 40;
var SEQUENCE_NUMBER = /^\d{1,40}$/;
var STREAM_MARK = "/stream/";
function positionOf(streamArn, sequenceNumber) {
  if (typeof streamArn !== "string" || typeof sequenceNumber !== "string") return void 0;
  const at = streamArn.lastIndexOf(STREAM_MARK);
  const label = at < 0 ? "" : streamArn.slice(at + STREAM_MARK.length);
  if (!label || !SEQUENCE_NUMBER.test(sequenceNumber)) return void 0;
  return `${label}#${sequenceNumber.padStart(SEQUENCE_DIGITS, "0")}`;
}
function comparePositions(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

// shared/projection/head.ts
var REMOVED = "removed";
var INLINE_EVENTS = 6;
var TOMBSTONE_DAYS = 30;
function liveStatus(head) {
  return head && head.expiresAt === void 0 ? head.status : void 0;
}
function liveHead(head) {
  return head && head.expiresAt === void 0 ? head : void 0;
}
function asCounted(head, classId = countedClass(head)) {
  const { counted: _, ...rest } = head;
  const counted = head.expiresAt === void 0 ? countedAs({ ...rest, classId }) : void 0;
  return counted ? { ...rest, counted } : rest;
}
function countedClass({ counted }) {
  return counted?.f?.slice(1);
}
function tombstoneExpiry(now) {
  return Math.floor(now / 1e3) + TOMBSTONE_DAYS * 86400;
}

// shared/projection/items.ts
import { createHash as createHash2 } from "node:crypto";

// shared/pipeline/lifecycle.ts
var EVENT_OF_STATUS = {
  pending: "reset",
  manifested: "manifested",
  processing: "processing_started",
  completed: "completed",
  failed: "failed",
  quarantined: "quarantined"
};
function eventOf(from, to, expired = false) {
  if (to === void 0) return expired ? "expired" : "removed";
  if (from === void 0 && to === "pending") return "uploaded";
  return EVENT_OF_STATUS[to] ?? "unrecognised";
}
function statusAfter(event) {
  if (event === "uploaded") return "pending";
  return STATUSES.find((status) => EVENT_OF_STATUS[status] === event);
}

// shared/projection/items.ts
var STRIPES = 8;
var PARTITION = { file: "FILE", manifest: "MANIFEST" };
function headKey({ date_prefix, file_key }) {
  const entity = entityOf({ date_prefix, file_key });
  const stripe = (createHash2("sha256").update(file_key).digest()[0] ?? 0) % STRIPES;
  return { pk: headPartition(entity, date_prefix, stripe), sk: file_key };
}
function headPartition(entity, date_prefix, stripe) {
  return `${PARTITION[entity]}#${date_prefix}#${stripe}`;
}
function pageKey(id, page) {
  return { pk: pagePartition(id), sk: String(page).padStart(6, "0") };
}
function pagePartition({ date_prefix, file_key }) {
  return `PAGE#${date_prefix}#${file_key}`;
}
function storeEvent(event) {
  return {
    e: event.event,
    t: event.time,
    p: event.position,
    ...event.status !== statusAfter(event.event) && { s: event.status },
    ...event.changeId !== void 0 && { c: event.changeId },
    ...event.actor !== void 0 && { a: event.actor },
    ...event.reason !== void 0 && { r: event.reason },
    ...event.manifest !== void 0 && { m: event.manifest },
    ...event.error !== void 0 && { x: event.error },
    ...event.run !== void 0 && { j: event.run }
  };
}
function readEvent(stored) {
  return {
    event: stored.e,
    status: stored.s ?? statusAfter(stored.e),
    time: stored.t,
    position: stored.p,
    ...stored.c !== void 0 && { changeId: stored.c },
    ...stored.a !== void 0 && { actor: stored.a },
    ...stored.r !== void 0 && { reason: stored.r },
    ...stored.m !== void 0 && { manifest: stored.m },
    ...stored.x !== void 0 && { error: stored.x },
    ...stored.j !== void 0 && { run: stored.j }
  };
}
function headItem(head) {
  return {
    ...headKey(head),
    status: head.status,
    since: head.since,
    position: head.position,
    events: head.events.map(storeEvent),
    ...head.pages > 0 && { pages: head.pages },
    revision: head.revision,
    ...head.counted !== void 0 && { c: head.counted },
    ...head.expiresAt !== void 0 && { expires_at: head.expiresAt }
  };
}
function readHeadItem(item) {
  const [partition = "", ...rest] = item.pk.split("#");
  return {
    entity: partition === PARTITION.manifest ? "manifest" : "file",
    date_prefix: rest.slice(0, -1).join("#"),
    file_key: item.sk,
    status: item.status,
    since: item.since,
    position: item.position,
    events: item.events.map(readEvent),
    pages: item.pages ?? 0,
    revision: item.revision,
    ...item.c !== void 0 && { counted: item.c },
    ...item.expires_at !== void 0 && { expiresAt: item.expires_at }
  };
}

// shared/projection/head-writes.ts
var PAGES_EXPIRED_AT_ONCE = 40;
function replaceHead(table, next, seen, pages = []) {
  const put = {
    Put: {
      TableName: table,
      Item: headItem(next),
      ConditionExpression: seen ? "revision = :seen" : "attribute_not_exists(pk)",
      ...seen && { ExpressionAttributeValues: { ":seen": seen.revision } },
      ReturnValuesOnConditionCheckFailure: "ALL_OLD"
    }
  };
  return [put, ...newPages(table, next, pages), ...expiringPages(table, seen, next)];
}
function advanceHead(table, folded2, { before, after }, now) {
  const [first] = folded2.transitions;
  const last = folded2.transitions.at(-1) ?? first;
  return {
    Update: {
      TableName: table,
      Key: headKey(folded2),
      UpdateExpression: `SET #status = :to, since = :since, #position = :last, events = list_append(events, :events), revision = revision + :one${after ? "" : ", expires_at = :expires"}${after?.counted ? ", c = :counted" : " REMOVE c"}`,
      ConditionExpression: "#position < :first AND #status = :from AND attribute_not_exists(expires_at) AND size(events) <= :room" + (before.counted ? " AND c = :seen" : " AND attribute_not_exists(c)") + (after ? "" : " AND attribute_not_exists(pages)"),
      ExpressionAttributeNames: { "#status": "status", "#position": "position" },
      ExpressionAttributeValues: {
        ":to": after?.status ?? REMOVED,
        ":since": last.event.time,
        ":first": first.event.position,
        ":last": last.event.position,
        ":events": folded2.transitions.map(({ event }) => storeEvent(event)),
        ":one": 1,
        ":from": before.status,
        ":room": INLINE_EVENTS - folded2.transitions.length,
        ...after?.counted && { ":counted": after.counted },
        ...before.counted && { ":seen": before.counted },
        ...!after && { ":expires": tombstoneExpiry(now) }
      },
      ReturnValuesOnConditionCheckFailure: "ALL_OLD"
    }
  };
}
function newPages(table, head, pages) {
  const first = head.pages - pages.length;
  return pages.map((events, i) => ({
    Put: { TableName: table, Item: { ...pageKey(head, first + i), events: events.map(storeEvent) } }
  }));
}
function expiringPages(table, seen, next) {
  if (next.expiresAt === void 0 || seen?.expiresAt !== void 0) return [];
  const count = Math.min(seen?.pages ?? 0, PAGES_EXPIRED_AT_ONCE);
  return Array.from({ length: count }, (_, page) => ({
    Update: {
      TableName: table,
      Key: pageKey(next, page),
      UpdateExpression: "SET expires_at = :expires",
      ExpressionAttributeValues: { ":expires": next.expiresAt }
    }
  }));
}

// shared/projection/advance.ts
var ROOM_AFTER_RESET = 3;
function advance(head, folded2, known, now) {
  const reached = head?.position ?? LOWEST_POSITION;
  const newer = folded2.transitions.filter(({ event }) => event.position > reached);
  const older = folded2.transitions.filter(({ event }) => event.position <= reached);
  const late = older.filter(({ event }) => !isKnown(head, known, event.position));
  const outcome = {
    applied: newer.length,
    duplicates: older.length - late.length,
    late: late.length,
    gapsClosed: isGap(head, newer[0]) ? 1 : 0
  };
  const added2 = [...late, ...newer];
  if (added2.length === 0) return { outcome };
  return { outcome, write: nextHead(head, folded2, added2, newer, now) };
}
function needsPages(head, folded2) {
  if (!head || head.pages === 0) return false;
  const older = folded2.transitions.filter(({ event }) => event.position <= head.position);
  return older.some(({ event }) => !isKnown(head, NOTHING_KNOWN, event.position));
}
var NOTHING_KNOWN = /* @__PURE__ */ new Set();
function isKnown(head, known, position) {
  return known.has(position) || Boolean(head?.events.some((event) => event.position === position));
}
function isGap(head, first) {
  return Boolean(head && first && first.from !== liveStatus(head));
}
function nextHead(head, { entity, date_prefix, file_key, countsFlow = false }, added2, newer, now) {
  const last = newer.at(-1);
  const events = [...head?.events ?? [], ...added2.map(({ event }) => event)];
  const { inline, pages } = splitPages(events.sort((a, b) => comparePositions(a.position, b.position)));
  const from = liveStatus(head);
  const to = last ? last.to : from;
  const moved = {
    entity,
    date_prefix,
    file_key,
    status: to ?? REMOVED,
    since: last?.event.time ?? head?.since ?? "",
    position: last?.event.position ?? head?.position ?? LOWEST_POSITION,
    events: inline,
    pages: (head?.pages ?? 0) + pages.length,
    revision: (head?.revision ?? 0) + 1,
    ...to === void 0 && { expiresAt: (last ? void 0 : head?.expiresAt) ?? tombstoneExpiry(now) }
  };
  const next = asCounted(moved, last ? last.toClass : head && countedClass(head));
  const arrivals = added2.map((transition) => transition.to);
  const steps = countsFlow ? countedSteps(newer, { status: from, since: head?.since ?? "" }) : [];
  const changes = changesOf({
    entity,
    date_prefix,
    before: liveHead(head),
    after: liveHead(next),
    arrivals,
    failures: failuresIn(added2),
    steps
  });
  return { head: next, pages, changes };
}
function failuresIn(transitions) {
  return transitions.flatMap(
    ({ toClass, event }) => toClass === void 0 ? [] : [{ classId: toClass, at: event.time }]
  );
}
function splitPages(events) {
  const inline = [...events];
  const pages = [];
  while (inline.length > INLINE_EVENTS) pages.push(inline.splice(0, INLINE_EVENTS));
  const opensAttempt = inline.at(-1)?.event === "reset";
  if (opensAttempt && inline.length > INLINE_EVENTS - ROOM_AFTER_RESET) {
    pages.push(inline.splice(0, inline.length - 1));
  }
  return { inline, pages };
}
function foldTask(table, folded2, now) {
  return {
    entity: folded2.entity,
    date_prefix: folded2.date_prefix,
    file_key: folded2.file_key,
    folded: folded2,
    blind: () => blindDecision(table, folded2, now),
    needsPages: (head) => needsPages(head, folded2),
    decide: (head, known) => decide(table, folded2, head, known, now)
  };
}
function blindDecision(table, folded2, now) {
  const { entity, date_prefix, transitions, countsFlow = false } = folded2;
  const [first] = transitions;
  const events = transitions.map(({ event }) => event);
  if (events.length > INLINE_EVENTS || events.some(({ event }) => event === "reset")) return void 0;
  if (first.from === void 0) return decide(table, folded2, void 0, /* @__PURE__ */ new Set(), now);
  const before = believed(folded2, first.from, first.fromSince ?? "", first.fromClass);
  const isTimed2 = countsFlow && entity === "file";
  if (before.counted?.a !== void 0 && (first.fromSince === void 0 || isTimed2)) return void 0;
  const last = transitions.at(-1) ?? first;
  const after = last.to === void 0 ? void 0 : believed(folded2, last.to, last.event.time, last.toClass);
  const arrivals = transitions.map(({ to }) => to);
  const failures = failuresIn(transitions);
  return {
    outcome: { applied: events.length, duplicates: 0, late: 0, gapsClosed: 0 },
    write: {
      asOf: streamedUpTo(folded2),
      items: [advanceHead(table, folded2, { before, after }, now)],
      changes: changesOf({ entity, date_prefix, before, after, arrivals, failures, steps: [] })
    }
  };
}
function believed({ entity, date_prefix }, status, since, classId) {
  return { entity, date_prefix, status, counted: countedAs({ entity, status, since, classId }) };
}
function decide(table, folded2, head, known, now) {
  const { outcome, write } = advance(head, folded2, known, now);
  if (!write) return { outcome };
  const items = replaceHead(table, write.head, head, write.pages);
  return { outcome, write: { asOf: streamedUpTo(folded2), items, changes: write.changes } };
}
function streamedUpTo({ transitions }) {
  return Math.max(...transitions.map(({ streamedAt }) => streamedAt));
}

// shared/projection/apply.ts
import { TransactionCanceledException as TransactionCanceledException2 } from "@aws-sdk/client-dynamodb";
import { TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";

// shared/aws/faults.ts
import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
var CONTENDED = /* @__PURE__ */ new Set(["None", "ConditionalCheckFailed", "TransactionConflict"]);
var REJECTED = /* @__PURE__ */ new Set([
  "ValidationError",
  "ValidationException",
  "ItemCollectionSizeLimitExceeded",
  "ItemCollectionSizeLimitExceededException"
]);
var BUSY = /* @__PURE__ */ new Set([
  "ProvisionedThroughputExceeded",
  "ProvisionedThroughputExceededException",
  "ThrottlingError",
  "ThrottlingException",
  "RequestLimitExceeded",
  "InternalServerError",
  "ServiceUnavailable",
  "TransactionInProgressException",
  "TimeoutError"
]);
function classifyFault(error) {
  if (error instanceof TransactionCanceledException) return classifyReasons(error);
  const { name, $fault, $retryable, code } = error;
  if (name && REJECTED.has(name)) return "rejected";
  if (name === "TransactionConflictException") return "contended";
  const network = typeof code === "string" && /^E[A-Z]+$/.test(code);
  return name && BUSY.has(name) || $fault === "server" || $retryable || network ? "busy" : "fatal";
}
function classifyReasons({ CancellationReasons = [] }) {
  const codes = CancellationReasons.map(({ Code = "None" }) => Code);
  if (codes.some((code) => REJECTED.has(code))) return "rejected";
  if (codes.length > 0 && codes.every((code) => CONTENDED.has(code))) return "contended";
  return codes.some((code) => BUSY.has(code)) || codes.length === 0 ? "busy" : "fatal";
}

// shared/projection/closed-slots.ts
import { UpdateCommand as UpdateCommand2 } from "@aws-sdk/lib-dynamodb";
import pMap from "p-map";

// shared/projection/counter-items.ts
import { paginateQuery, UpdateCommand } from "@aws-sdk/lib-dynamodb";

// shared/projection/closed-slots.ts
function slotIsOpen(now) {
  return {
    ConditionExpression: "(attribute_not_exists(#closed) OR #closed < :now)",
    ExpressionAttributeNames: { "#closed": "closed_until" },
    ExpressionAttributeValues: { ":now": now }
  };
}

// shared/projection/counter-writes.ts
function counterWrites(table, writes, slot, now) {
  const streamed = writes.flatMap(({ asOf: asOf2 }) => asOf2 === void 0 ? [] : [asOf2]);
  const asOf = streamed.length > 0 ? Math.max(...streamed) : void 0;
  const changes = sumChanges(writes.flatMap((write) => [...write.changes]));
  if (changes.length === 0) return [];
  const touched = changes.some(isOfEverything) ? [] : [{ ...EVERYTHING, add: { touched: 1 } }];
  return [...touched, ...changes].map((change) => addTo(table, change, slot, { asOf, now }));
}
var EVERYTHING = { pk: counterPartition(void 0), part: "" };
function isOfEverything({ pk, part }) {
  return pk === EVERYTHING.pk && part === EVERYTHING.part;
}
function slotKey({ pk, part }, slot) {
  return { pk, sk: part === "" ? String(slot) : `${part}#${slot}` };
}
function addTo(table, change, slot, times) {
  const add2 = change.part === "" ? change.add : { ...change.add, w: 1 };
  const set = timesOf(change.part, times);
  const names = [...Object.keys(set), ...Object.keys(add2)];
  const settings = Object.keys(set).map((_, i) => `#a${i} = :a${i}`);
  const additions = names.map((_, i) => `#a${i} :a${i}`).slice(settings.length);
  const open = isOfEverything(change) ? slotIsOpen(times.now) : void 0;
  return {
    Update: {
      TableName: table,
      Key: slotKey(change, slot),
      UpdateExpression: [
        ...settings.length > 0 ? [`SET ${settings.join(", ")}`] : [],
        `ADD ${additions.join(", ")}`
      ].join(" "),
      ...open && { ConditionExpression: open.ConditionExpression },
      ExpressionAttributeNames: {
        ...open?.ExpressionAttributeNames,
        ...Object.fromEntries(names.map((name, i) => [`#a${i}`, name]))
      },
      ExpressionAttributeValues: {
        ...open?.ExpressionAttributeValues,
        ...Object.fromEntries(names.map((name, i) => [`:a${i}`, set[name] ?? add2[name]]))
      }
    }
  };
}
function timesOf(part, { asOf, now, appliedAt = now }) {
  if (part !== "") return { applied_at: now };
  return asOf === void 0 ? {} : { as_of: asOf, applied_at: appliedAt };
}

// shared/projection/projection-table.ts
import { GetCommand, paginateQuery as paginateQuery2 } from "@aws-sdk/lib-dynamodb";
async function readHead(table, key) {
  const { Item } = await table.docs.send(
    new GetCommand({ TableName: table.name, Key: headKey(key), ConsistentRead: true })
  );
  return Item && readHeadItem(Item);
}
async function readPageEvents(table, id) {
  const events = [];
  const query = {
    TableName: table.name,
    KeyConditionExpression: "pk = :pk",
    ExpressionAttributeValues: { ":pk": pagePartition(id) },
    ConsistentRead: true
  };
  for await (const { Items = [] } of paginateQuery2({ client: table.docs }, query)) {
    for (const { events: stored = [] } of Items) events.push(...stored.map(readEvent));
  }
  return events.sort((a, b) => comparePositions(a.position, b.position));
}

// shared/projection/writer.ts
var MOST_SLOTS = 128;
var MOST_HEADS = 94;
var FEWEST_HEADS = 25;
var GROWTH2 = 4;
var SOON = 50;
function createWriter(random, start = { slots: [], width: 1 }) {
  const pick = (count) => Math.floor(random() * count);
  let slot = start.slots[pick(start.slots.length)] ?? 0;
  let width = Math.max(1, start.width);
  let heads = MOST_HEADS;
  let sinceMet = 0;
  let sinceClosed = 1;
  return {
    slot: () => slot,
    heads: () => heads,
    committed() {
      sinceMet += 1;
      sinceClosed += 1;
      heads = Math.min(MOST_HEADS, heads * 2);
    },
    metOnCounters() {
      if (sinceMet < SOON || width === 1) width = Math.min(MOST_SLOTS, width * GROWTH2);
      sinceMet = 0;
      slot = (slot + 1 + pick(width - 1)) % width;
    },
    metClosed() {
      slot = sinceClosed > 0 ? (slot + MOST_SLOTS / 2) % MOST_SLOTS : pick(MOST_SLOTS);
      sinceClosed = 0;
    },
    conditionFailed() {
      heads = Math.max(FEWEST_HEADS, Math.ceil(heads / 2));
    }
  };
}

// shared/projection/apply.ts
var ACTIONS_PER_TRANSACTION = 100;
var LONGEST_CONTENTION = 12;
var RESERVE_MILLIS = 3e3;
var SHORTEST_WAIT_MILLIS = 25;
var LONGEST_WAIT_MILLIS = 2e3;
async function applyTasks(tasks, deps) {
  const writer = deps.writer ?? createWriter(deps.random);
  const applied = [];
  for (let from = 0; from < tasks.length; ) {
    const group = tasks.slice(from, from + writer.heads());
    applied.push(...await applyGroup(group, { ...deps, writer }));
    from += group.length;
  }
  return applied;
}
async function applyGroup(group, deps) {
  const results = [];
  try {
    let open = openOf(await decideAll(group, deps), results);
    for (let attempt = 0; open.length > 0; attempt++) {
      const part = fitting(open);
      const others = open.slice(part.length);
      const error = await tryWrite(part, deps);
      if (error === void 0) {
        results.push(...part.map(done));
        open = others;
        attempt = -1;
        continue;
      }
      const fault = classifyFault(error);
      const isHopeless = fault === "rejected" || fault === "fatal";
      if (isHopeless || !await mayRetry(fault, attempt, deps)) throw error;
      open = [...openOf(await decideAgain(part, error, deps), results), ...others];
    }
    return results;
  } catch (error) {
    const finished = new Set(results.map(({ task }) => task));
    const rest = group.filter((task) => !finished.has(task));
    if (classifyFault(error) === "rejected") {
      return [...results, ...await bisect(rest, error, deps)];
    }
    return [...results, ...rest.map((task) => ({ task, kind: "unapplied", error }))];
  }
}
async function bisect(tasks, error, deps) {
  const [only] = tasks;
  if (only && tasks.length === 1) return [{ task: only, kind: "rejected", error }];
  const middle = Math.ceil(tasks.length / 2);
  const first = await applyGroup(tasks.slice(0, middle), deps);
  return [...first, ...await applyGroup(tasks.slice(middle), deps)];
}
async function mayRetry(fault, attempt, deps) {
  if (fault === "contended" && attempt >= LONGEST_CONTENTION) return false;
  const ceiling = Math.min(LONGEST_WAIT_MILLIS, SHORTEST_WAIT_MILLIS * 2 ** attempt);
  const wait = deps.random() * (fault === "busy" ? ceiling : ceiling / 4);
  if (deps.remainingMillis() - wait < RESERVE_MILLIS) return false;
  await deps.sleep(wait);
  return true;
}
async function decideAll(group, deps) {
  return Promise.all(
    group.map(async (task) => {
      const decision = task.blind();
      if (decision) return { ...decision, task };
      return decideWith(await readHead(deps.projection, task), task, deps);
    })
  );
}
async function decideAgain(open, error, deps) {
  const reasons = reasonsOf(error);
  let first = 0;
  return Promise.all(
    open.map(async (decided) => {
      const reason = reasons[first];
      first += decided.write.items.length;
      if (reason?.Code !== "ConditionalCheckFailed") return decided;
      const head = reason.Item && readHeadItem(unmarshall(reason.Item));
      return decideWith(head, decided.task, deps);
    })
  );
}
async function decideWith(head, task, deps) {
  const pages = task.needsPages(head) ? await readPageEvents(deps.projection, task) : [];
  return { task, ...task.decide(head, new Set(pages.map(({ position }) => position))) };
}
function openOf(decided, results) {
  for (const task of decided) if (!task.write) results.push(done(task));
  return decided.flatMap(({ task, outcome, write }) => write ? [{ task, outcome, write }] : []);
}
function fitting(open) {
  const counters = /* @__PURE__ */ new Set([`|${counterPartition(void 0)}`]);
  let heads = 0;
  const end = open.findIndex(({ write }) => {
    heads += write.items.length;
    for (const { pk, part } of write.changes) counters.add(`${part}|${pk}`);
    return heads + counters.size > ACTIONS_PER_TRANSACTION;
  });
  return end < 0 ? open : open.slice(0, Math.max(1, end));
}
async function tryWrite(open, { projection, now, writer }) {
  const writes = open.map(({ write }) => write);
  const heads = writes.flatMap(({ items }) => [...items]);
  const counters = counterWrites(projection.name, writes, writer.slot(), now);
  try {
    await projection.docs.send(new TransactWriteCommand({ TransactItems: [...heads, ...counters] }));
    writer.committed();
    return void 0;
  } catch (error) {
    const codes = reasonsOf(error).map(({ Code }) => Code);
    const ofCounters = codes.splice(heads.length);
    if (ofCounters.includes("TransactionConflict")) writer.metOnCounters();
    if (ofCounters.includes("ConditionalCheckFailed")) writer.metClosed();
    if (codes.includes("ConditionalCheckFailed")) writer.conditionFailed();
    return error;
  }
}
function reasonsOf(error) {
  return error instanceof TransactionCanceledException2 ? error.CancellationReasons ?? [] : [];
}
function done({ task, outcome }) {
  return { task, kind: "done", outcome };
}

// shared/projection/dates.ts
import { PutCommand, paginateQuery as paginateQuery3 } from "@aws-sdk/lib-dynamodb";
var PARTITION2 = "DATES";
var LONGEST_DATE = 1e3;
async function registerDates(table, dates, registered) {
  for (const date of new Set(dates)) {
    if (registered.has(date) || Buffer.byteLength(date) > LONGEST_DATE) continue;
    await table.docs.send(new PutCommand({ TableName: table.name, Item: { pk: PARTITION2, sk: date } }));
    registered.add(date);
  }
}

// shared/projection/dead-letters.ts
import { createHash as createHash3 } from "node:crypto";
import { PutObjectCommand, paginateListObjectsV2 } from "@aws-sdk/client-s3";

// shared/aws/deployment-names.ts
var BUCKET_PREFIXES = {
  /** What the consumer could not apply. */
  deadLetters: "dead-letters/",
  /** Batches that Lambda gave up; their keys are Lambda's own: `aws/lambda/<mapping>/<shard>/…`. */
  givenUp: "aws/lambda/",
  /** Lists of issues, plans, and results, with a folder for each job that makes them. */
  runs: "runs/"
};

// shared/projection/dead-letters.ts
async function keepDeadLetter(store, letter, now) {
  const key = deadLetterKey(letter);
  await store.s3.send(
    new PutObjectCommand({
      Bucket: store.bucket,
      Key: key,
      ContentType: "application/json",
      Body: JSON.stringify({ version: 1, kept_at: isoTime(now), ...letter })
    })
  );
  return key;
}
function deadLetterKey({ records }) {
  const hash2 = createHash3("sha256").update(JSON.stringify(records)).digest("hex").slice(0, 32);
  return `${BUCKET_PREFIXES.deadLetters}${dayOfRecord(records[0])}/${hash2}.json`;
}
function dayOfRecord(record) {
  const created = record?.dynamodb?.ApproximateCreationDateTime;
  const millis = streamedMillis(created);
  return millis === void 0 ? "undated" : dayOf(millis);
}

// shared/projection/fold.ts
function fold(transitions) {
  const groups = /* @__PURE__ */ new Map();
  for (const transition of transitions) {
    const key = identity(transition);
    const group = groups.get(key);
    if (group) group.push(transition);
    else groups.set(key, [transition]);
  }
  return [...groups.values()].map(folded).sort(byDate);
}
function identity({ date_prefix, file_key }) {
  return `${date_prefix.length}:${date_prefix}${file_key}`;
}
function folded(group) {
  const { entity, date_prefix, file_key } = group[0];
  return { entity, date_prefix, file_key, transitions: group.length > 1 ? inStreamOrder(group) : group };
}
function inStreamOrder(group) {
  const sorted = [...group].sort((a, b) => comparePositions(a.event.position, b.event.position));
  const once = sorted.filter((item, i) => i === 0 || item.event.position !== sorted[i - 1]?.event.position);
  return once;
}
function byDate(a, b) {
  return a.date_prefix < b.date_prefix ? -1 : a.date_prefix > b.date_prefix ? 1 : 0;
}

// shared/projection/known-classes.ts
import { GetCommand as GetCommand2, PutCommand as PutCommand2, UpdateCommand as UpdateCommand3 } from "@aws-sdk/lib-dynamodb";
var MOST_CLASSES = 200;
var MOST_SAMPLES = 5;
var HOUR3 = 36e5;
var MOST_PLACES = 5 * MOST_CLASSES;
var CLASSES = "CLASSES";
var KNOWN = { pk: CLASSES, sk: "known" };
function createKnownClasses() {
  return { places: /* @__PURE__ */ new Map(), untold: [], kept: /* @__PURE__ */ new Set(), lookedAt: Number.NEGATIVE_INFINITY };
}
async function readKnownClasses({ docs, name }) {
  const { Item } = await docs.send(new GetCommand2({ TableName: name, Key: KNOWN, ConsistentRead: true }));
  return Item?.ids ?? /* @__PURE__ */ new Set();
}
function classTextKey(classId) {
  return { pk: counterPartition(void 0), sk: `${CLASS_MARK}${classId}` };
}
async function learnClasses(table, seen, known, now) {
  if (seen.length === 0) return;
  if (known.lookedAt < now - HOUR3 || known.places.size > MOST_PLACES) await lookAgain(table, known, now);
  const unknown = seen.filter(({ failure }) => !known.places.has(failure.id));
  for (const first of unknown) {
    const { id } = first.failure;
    if (known.places.has(id)) continue;
    const isKept = await keep(table, first.failure, known);
    if (isKept) {
      await keepText(table, first, now);
      const failures = unknown.filter(({ failure }) => failure.id === id);
      await keepSamples(table, id, failures, now);
    }
    known.places.set(id, isKept ? id : OTHER_CLASS);
  }
}
async function lookAgain(table, known, now) {
  known.kept = await readKnownClasses(table);
  known.places.clear();
  known.lookedAt = now;
}
async function keep({ docs, name }, failure, known) {
  if (known.kept.has(failure.id)) return true;
  if (known.kept.size >= MOST_CLASSES) return false;
  const update = new UpdateCommand3({
    TableName: name,
    Key: KNOWN,
    UpdateExpression: "ADD ids :added",
    ConditionExpression: "attribute_not_exists(ids) OR contains(ids, :id) OR size(ids) < :most",
    ExpressionAttributeValues: { ":added": /* @__PURE__ */ new Set([failure.id]), ":id": failure.id, ":most": MOST_CLASSES },
    ReturnValues: "UPDATED_OLD"
  });
  try {
    const { Attributes } = await docs.send(update);
    const before = Attributes?.ids;
    if (!before?.has(failure.id)) known.untold.push(failure);
    return true;
  } catch (error) {
    if (isConditionFailed(error)) return false;
    throw error;
  }
}
async function keepText({ docs, name }, { failure, at }, now) {
  const Item = { ...classTextKey(failure.id), text: failure.text, first: at || isoTime(now) };
  const put = new PutCommand2({ TableName: name, Item, ConditionExpression: "attribute_not_exists(pk)" });
  await docs.send(put).catch((error) => {
    if (!isConditionFailed(error)) throw error;
  });
}
function isConditionFailed(error) {
  return error instanceof Error && error.name === "ConditionalCheckFailedException";
}
async function keepSamples(table, id, failures, now) {
  const samples = failures.slice(-MOST_SAMPLES).map(({ file, at }) => ({
    date_prefix: file.date_prefix,
    file_key: file.file_key,
    at
  }));
  const Item = { pk: CLASSES, sk: id, samples, at: isoTime(now) };
  await table.docs.send(new PutCommand2({ TableName: table.name, Item }));
}

// shared/projection/stream-record.ts
import { unmarshall as unmarshall2 } from "@aws-sdk/util-dynamodb";

// shared/pipeline/storage.ts
import { GetObjectCommand, HeadBucketCommand, HeadObjectCommand } from "@aws-sdk/client-s3";

// shared/pipeline/manifest.ts
var PLACEHOLDER = /^pending-manifest-/;
function manifestName(path, manifestBucket) {
  if (typeof path === "string" && PLACEHOLDER.test(bareName(path)))
    return { kind: "placeholder", text: path };
  const location = parsePath(path, manifestBucket);
  return location ? { kind: "object", location } : { kind: "none" };
}

// shared/projection/attempt-details.ts
function attemptDetails(from, to, old, read) {
  const manifest = namesManifest(from, to) ? manifestIn(read) ?? manifestIn(old) : void 0;
  const error = to === "failed" || to === "quarantined" ? shortError(read("error_message")) : void 0;
  const run = to === "processing" ? read("execution_arn") ?? read("glue_job_run_id") : void 0;
  return {
    ...manifest !== void 0 && { manifest },
    ...error !== void 0 && { error },
    ...run && { run: run.slice(0, LONGEST_RUN) }
  };
}
var LONGEST_RUN = 200;
function namesManifest(from, to) {
  if (to === "manifested" || from === "manifested") return true;
  return (to === "completed" || to === "failed") && from !== "processing";
}
function manifestIn(read) {
  const name = manifestName(read("manifest_path"), "");
  return name.kind === "object" ? bareName(name.location.key) || void 0 : void 0;
}
var LONGEST_ERROR = 200;
function shortError(message) {
  if (!message) return void 0;
  const own = /"ErrorMessage"\s*:\s*"((?:[^"\\]|\\.)+)/.exec(message)?.[1];
  const text2 = (own ?? message).replace(/\s+/g, " ").trim();
  return text2.length > LONGEST_ERROR ? `${text2.slice(0, LONGEST_ERROR - 1)}\u2026` : text2;
}

// shared/projection/suffixes.ts
import { UpdateCommand as UpdateCommand4 } from "@aws-sdk/lib-dynamodb";
var MOST_SUFFIXES = 200;
var LONGEST_BYTES = 64;
var KEY = { pk: counterPartition(void 0), sk: "suffixes" };
function seenSuffix(key, stored) {
  const { status, suffix } = parseStatus(stored);
  if (suffix === "" || !isStatus(status)) return void 0;
  const entity = recordKind(key);
  return entity === "lock" ? void 0 : { entity, suffix };
}
async function learnSuffixes(table, seen, usual, learnt) {
  for (const { entity, suffix } of seen) {
    if (entity === "file" && usual.includes(suffix)) continue;
    const name = entity + suffix;
    if (learnt.has(name) || learnt.size > 2 * MOST_SUFFIXES) continue;
    const isKept = Buffer.byteLength(suffix) <= LONGEST_BYTES && await keep2(table, entity, suffix);
    if (!isKept) await noteMore(table);
    learnt.add(name);
  }
}
async function keep2(table, entity, suffix) {
  try {
    await table.docs.send(
      new UpdateCommand4({
        TableName: table.name,
        Key: KEY,
        UpdateExpression: "ADD #suffixes :added",
        ConditionExpression: "attribute_not_exists(#suffixes) OR contains(#suffixes, :suffix) OR size(#suffixes) < :most",
        ExpressionAttributeNames: { "#suffixes": `${entity}_suffixes` },
        ExpressionAttributeValues: { ":added": /* @__PURE__ */ new Set([suffix]), ":suffix": suffix, ":most": MOST_SUFFIXES }
      })
    );
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === "ConditionalCheckFailedException") return false;
    throw error;
  }
}
async function noteMore(table) {
  await table.docs.send(
    new UpdateCommand4({
      TableName: table.name,
      Key: KEY,
      UpdateExpression: "SET more_suffixes = :yes",
      ExpressionAttributeValues: { ":yes": true }
    })
  );
}

// shared/projection/stream-record.ts
var NO_TRANSITION = { kind: "no_transition" };
var TTL_SERVICE = "dynamodb.amazonaws.com";
var LONGEST_REASON = 200;
function parseStreamRecord(source) {
  const record = fields(source);
  const change = fields(record.dynamodb);
  const keys = fields(change.Keys);
  const date_prefix = text(keys.date_prefix);
  const file_key = text(keys.file_key);
  if (date_prefix === void 0 || file_key === void 0)
    return malformed("it has no date_prefix and file_key");
  const kind = recordKind({ date_prefix, file_key });
  if (kind === "lock") return NO_TRANSITION;
  const old = images(record.eventName, change);
  if ("reason" in old) return malformed(old.reason);
  const from = old.before && parseStatus(text(old.before.status)).status;
  const stored = old.after && text(old.after.status);
  const to = old.after && parseStatus(stored).status;
  const suffix = seenSuffix({ date_prefix, file_key }, stored);
  if (from === to) return suffix ? { kind: "no_transition", suffix } : NO_TRANSITION;
  const position = positionOf(record.eventSourceARN, change.SequenceNumber);
  if (!position) return malformed("its stream ARN or sequence number is not of the documented form");
  const streamedAt = streamedMillis(change.ApproximateCreationDateTime);
  if (streamedAt === void 0) return malformed("its creation time is missing or cannot be read");
  const expired = to === void 0 && isExpiry(record, old.before, streamedAt);
  const event = timelineEvent(old, from, to, position, streamedAt, expired);
  const fromSince = old.before && from !== void 0 ? statusTime(from, valueReader(old.before), streamedAt) : void 0;
  const failure = failureOf(kind, to, attributeReader(old.after));
  return {
    kind: "transition",
    suffix,
    failure,
    transition: {
      entity: kind,
      date_prefix,
      file_key,
      from,
      to,
      event,
      streamedAt,
      fromSince,
      fromClass: failureOf(kind, from, attributeReader(old.before))?.id,
      toClass: failure?.id,
      ...kind === "file" && sized(old, from, to, streamedAt),
      source
    }
  };
}
function sized({ after }, from, to, streamedAt) {
  if (!after || to === void 0) return {};
  if (from === void 0) return { bytes: bytesIn(valueReader(after)) };
  return to === "completed" || to === "failed" ? { arrivedAt: creationTime(valueReader(after), streamedAt) } : {};
}
var MEGABYTE = 1048576;
function bytesIn(read) {
  const megabytes = Number(read("file_size_mb") ?? Number.NaN);
  const bytes = Math.round(megabytes * MEGABYTE);
  return Number.isSafeInteger(bytes) && bytes >= 0 ? bytes : void 0;
}
function images(eventName, change) {
  const before = eventName === "INSERT" ? void 0 : imageOf(change.OldImage);
  const after = eventName === "REMOVE" ? void 0 : imageOf(change.NewImage);
  if (eventName !== "INSERT" && eventName !== "MODIFY" && eventName !== "REMOVE") {
    return { reason: `its event name is ${JSON.stringify(eventName)}, not INSERT, MODIFY or REMOVE` };
  }
  if (eventName !== "INSERT" && !before || eventName !== "REMOVE" && !after) {
    return { reason: "an image is missing: the stream must carry NEW_AND_OLD_IMAGES" };
  }
  return { before, after };
}
function timelineEvent({ before, after }, from, to, position, streamedAt, expired) {
  const readOld = before && valueReader(before);
  const own = after && to !== void 0 ? ownTime(from, to, valueReader(after), streamedAt, readOld) : void 0;
  const { time: changed, ...change } = changeOf2(after, before, streamedAt);
  return {
    event: eventOf(from, to, expired),
    status: to,
    time: changed ?? own ?? isoTime(streamedAt),
    position,
    ...change,
    ...attemptDetails(from, to, imageReader(before), imageReader(after))
  };
}
function ownTime(from, to, read, streamedAt, readOld) {
  const creation = from === void 0 && to === "pending" ? creationTime(read, streamedAt) : void 0;
  return creation ?? statusTime(to, read, streamedAt, readOld);
}
function changeOf2(after, before, streamedAt) {
  const read = (attribute) => text(after?.[attribute]);
  const changeId = read(CHANGE_ATTRIBUTES.id);
  if (!changeId || changeId === text(before?.[CHANGE_ATTRIBUTES.id])) return {};
  const time = pastTime(read(CHANGE_ATTRIBUTES.time), streamedAt);
  const actor = read(CHANGE_ATTRIBUTES.actor);
  const reason = read(CHANGE_ATTRIBUTES.reason)?.slice(0, LONGEST_REASON);
  return { changeId, ...time && { time }, ...actor && { actor }, ...reason && { reason } };
}
function isExpiry(record, before, streamedAt) {
  if (record.userIdentity !== void 0 && record.userIdentity !== null) {
    const identity2 = fields(record.userIdentity);
    return identity2.type === "Service" && identity2.principalId === TTL_SERVICE;
  }
  const ttl = fields(before?.[TRACKING_SCHEMA.timeToLive]).N;
  return typeof ttl === "string" && Number(ttl) * 1e3 <= streamedAt + CUT_TIME_MILLIS;
}
var CUT_TIME_MILLIS = 59e3;
function attributeReader(image) {
  return (attribute) => {
    const value = image?.[attribute];
    const plain = text(value);
    if (plain !== void 0 || value === void 0) return plain;
    try {
      return unmarshall2({ value }).value;
    } catch {
      return void 0;
    }
  };
}
function imageReader(image) {
  return (attribute) => text(image?.[attribute]);
}
function valueReader(image) {
  return (attribute) => text(image[attribute]) ?? fields(image[attribute]).N;
}
function text(attribute) {
  const value = fields(attribute).S;
  return typeof value === "string" ? value : void 0;
}
function imageOf(value) {
  return typeof value === "object" && value !== null ? value : void 0;
}
var NO_FIELDS = {};
function fields(value) {
  return imageOf(value) ?? NO_FIELDS;
}
function malformed(reason) {
  return { kind: "malformed", reason };
}

// shared/projection/consume.ts
async function consumeBatch(records, deps, deadLetters) {
  const { transitions: parsed, malformed: malformed2, suffixes, failures } = parseAll(records);
  await learnClasses(deps.projection, failures, deps.knownClasses, deps.now);
  const transitions = parsed.map((transition) => asKnown(transition, deps.knownClasses.places));
  const dates = transitions.map(({ date_prefix }) => date_prefix);
  await registerDates(deps.projection, dates, deps.registeredDates);
  await learnSuffixes(deps.projection, suffixes, deps.usualSuffixes, deps.learntSuffixes);
  const tasks = fold(transitions).map((folded2) => {
    const { countsFlow = false } = deps;
    return foldTask(deps.projection.name, { ...folded2, countsFlow }, deps.now);
  });
  const applied = await applyTasks(tasks, deps);
  const letters = [...malformed2, ...applied.flatMap(rejection)];
  const { kept, unkept } = await keepAll(letters, deadLetters, deps.now);
  const missed = applied.flatMap(missedRecords);
  const done2 = applied.flatMap((result) => result.kind === "done" ? [result] : []);
  return {
    ...sumOutcomes(done2.map(({ outcome }) => outcome)),
    records: records.length,
    deadLetters: kept,
    unapplied: [...missed, ...unkept],
    transitions: done2.flatMap(({ task, outcome }) => outcome.applied > 0 ? task.folded.transitions : []),
    newClasses: deps.knownClasses.untold.splice(0),
    lagMillis: lagOf(transitions, deps.now)
  };
}
function parseAll(records) {
  const transitions = [];
  const malformed2 = [];
  const suffixes = [];
  const failures = [];
  for (const record of records) {
    const parsed = parseStreamRecord(record);
    if (parsed.kind !== "malformed" && parsed.suffix) suffixes.push(parsed.suffix);
    if (parsed.kind === "transition") {
      transitions.push(parsed.transition);
      const { failure, transition: file } = parsed;
      if (failure) failures.push({ failure, file, at: file.event.time });
    }
    if (parsed.kind === "malformed") {
      malformed2.push({ reason: `Not a tracking record's change: ${parsed.reason}.`, records: [record] });
    }
  }
  return { transitions, malformed: malformed2, suffixes, failures };
}
function asKnown(transition, places) {
  const { fromClass, toClass } = transition;
  if (fromClass === void 0 && toClass === void 0) return transition;
  return { ...transition, fromClass: placeOf(places, fromClass), toClass: placeOf(places, toClass) };
}
function rejection(result) {
  if (result.kind !== "rejected") return [];
  const reason = `The projection table refuses it: ${namedErrorText(result.error)}`;
  return [{ reason, records: result.task.folded.transitions.map(({ source }) => source) }];
}
function missedRecords(result) {
  if (result.kind !== "unapplied") return [];
  return result.task.folded.transitions.map(({ source }) => ({ record: source, error: result.error }));
}
async function keepAll(letters, store, now) {
  const kept = [];
  const unkept = [];
  for (const letter of letters) {
    try {
      kept.push({ key: await keepDeadLetter(store, letter, now), reason: letter.reason });
    } catch (error) {
      unkept.push(...letter.records.map((record) => ({ record, error })));
    }
  }
  return { kept, unkept };
}
function sumOutcomes(outcomes) {
  const sum = (pick) => outcomes.reduce((total, o) => total + pick(o), 0);
  return {
    applied: sum((o) => o.applied),
    duplicates: sum((o) => o.duplicates),
    late: sum((o) => o.late),
    gapsClosed: sum((o) => o.gapsClosed)
  };
}
function lagOf(transitions, now) {
  if (transitions.length === 0) return void 0;
  const newest = transitions.reduce((latest, { streamedAt }) => Math.max(latest, streamedAt), 0);
  return Math.max(0, now - newest);
}
export {
  consumeBatch,
  createKnownClasses,
  createWriter
};
