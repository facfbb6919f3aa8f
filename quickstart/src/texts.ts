/** What `npm start` says, in the two languages it speaks. */
const en = {
  seconds: (s: string) => `${s} s`,
  postgres: "PostgreSQL",
  postgresState: { made: "new", started: "started", attached: "was still running" },
  ownDatabase: (version: string, host: string) => `PostgreSQL ${version} on ${host}`,
  server: "Platform",
  serverState: (url: string) => `listens on ${url}`,
  demo: "Demo data",
  demoState: "2 merchants, 2 customers, 3 members of staff",
  payment: "First payment",
  paid: (amount: string, id: string) => `${amount} by a scanned code: ${id}`,
  ready: "Feiqian is running. This is a test server with demo money.",
  where: {
    api: "API",
    docs: "Documentation",
    credentials: "Logins and keys",
    log: "Server log",
  },
  readPayment: "Read that payment as the merchant:",
  listPayments: "List the merchant's payments:",
  howToStop: "Ctrl-C stops it; the data stay. `npm start -- --fresh` begins anew.",
  stopping: "Stopping …",
  stopped: "Stopped.",
  notStarted: "Feiqian could not start.",
  running: (pid: number) => `It runs already in this folder (process ${pid}).`,
  portTaken: (port: number) =>
    `Port ${port} is taken. Set PORT to another one, or leave it out to take the next free one.`,
  badPort: (text: string) => `PORT="${text}" is not a port: 0 to 65535.`,
  serverDied: (code: string) => `The server ended unexpectedly (${code}); starting it again.`,
  serverNotReady: "The server did not become ready.",
  diesAgain: (log: string) => `It ended again and again; its log is ${log}.`,
  lastWords: (file: string) => `The last lines of ${file}:`,
  databaseDied: "PostgreSQL ended unexpectedly; starting it again.",
  keyLost: (path: string) =>
    `${path} is missing, and without it the data can't be read. Put it back, or begin anew with \`npm start -- --fresh\`.`,
  tooOld: (version: string) => `DATABASE_URL: that is PostgreSQL ${version}; 15 or newer is needed.`,
  unreachable: (reason: string) => `DATABASE_URL: can't connect: ${reason}`,
  freshNotYours: "--fresh deletes only data that `npm start` made. Empty the database of DATABASE_URL yourself.",
  freshQuestion: (folder: string) => `Delete all demo data and secrets in ${folder}? Type yes: `,
  freshNeedsYes: "--fresh deletes all demo data. Without a terminal to ask on it needs --yes as well.",
  freshKept: "Nothing was deleted.",
  unknownOption: (option: string) => `There is no option ${option}; see --help.`,
  noAccess: (path: string) => `${path} belongs to another user (was it started by root?).`,
  help: `npm start                  start everything; the data of the last time stay
npm start -- --fresh       delete demo data and secrets first, after asking
npm start -- --fresh --yes without asking

PORT          port of the API (8080 or the next free one; 0: any free one)
HOST          address to listen on (127.0.0.1)
DATABASE_URL  a PostgreSQL of your own, 15 or newer, instead of the one that comes along
FEIQIAN_HOME  folder for data and secrets (.feiqian)
Settings of the server (node server/src/main.ts --help) are passed on.`,
};

const zh: typeof en = {
  seconds: (s) => `${s} 秒`,
  postgres: "PostgreSQL",
  postgresState: { made: "新建", started: "已启动", attached: "仍在运行" },
  ownDatabase: (version, host) => `PostgreSQL ${version}，位于 ${host}`,
  server: "支付平台",
  serverState: (url) => `监听 ${url}`,
  demo: "演示数据",
  demoState: "2 个商户、2 位顾客、2 名工作人员",
  payment: "首笔付款",
  paid: (amount, id) => `扫码支付 ${amount}：${id}`,
  ready: "飞钱已启动。这是一台使用演示资金的测试服务器。",
  where: { api: "接口", docs: "文档", credentials: "账号与密钥", log: "服务器日志" },
  readPayment: "以商户身份查询该笔付款：",
  listPayments: "查询商户的付款：",
  howToStop: "按 Ctrl-C 停止，数据会保留。`npm start -- --fresh` 从头开始。",
  stopping: "正在停止……",
  stopped: "已停止。",
  notStarted: "飞钱未能启动。",
  running: (pid) => `本目录中的飞钱已在运行（进程 ${pid}）。`,
  portTaken: (port) => `端口 ${port} 已被占用。请将 PORT 设为其他端口，或不设置以自动选用下一个空闲端口。`,
  badPort: (text) => `PORT="${text}" 不是有效端口（0 至 65535）。`,
  serverDied: (code) => `服务器意外退出（${code}），正在重新启动。`,
  serverNotReady: "服务器未能就绪。",
  diesAgain: (log) => `反复意外退出，日志见 ${log}。`,
  lastWords: (file) => `${file} 的最后几行：`,
  databaseDied: "PostgreSQL 意外退出，正在重新启动。",
  keyLost: (path) => `缺少 ${path}，没有它就无法读取数据。请放回该文件，或用 \`npm start -- --fresh\` 从头开始。`,
  tooOld: (version) => `DATABASE_URL：该服务器为 PostgreSQL ${version}，需要 15 或更高版本。`,
  unreachable: (reason) => `DATABASE_URL：无法连接：${reason}`,
  freshNotYours: "--fresh 只删除 `npm start` 自己创建的数据。请自行清空 DATABASE_URL 指向的数据库。",
  freshQuestion: (folder) => `删除 ${folder} 中的全部演示数据与密钥？请输入 yes：`,
  freshNeedsYes: "--fresh 会删除全部演示数据。没有终端可供确认时，请同时使用 --yes。",
  freshKept: "未删除任何数据。",
  unknownOption: (option) => `没有选项 ${option}，请见 --help。`,
  noAccess: (path) => `${path} 属于其他用户（是否曾以 root 启动？）。`,
  help: `npm start                  启动全部服务，保留上次的数据
npm start -- --fresh       确认后先删除演示数据与密钥
npm start -- --fresh --yes 不再确认

PORT          接口端口（默认 8080 或下一个空闲端口；0 为任意空闲端口）
HOST          监听地址（127.0.0.1）
DATABASE_URL  使用自备的 PostgreSQL（15 或更高版本），而非自带的
FEIQIAN_HOME  数据与密钥目录（.feiqian）
服务器的其他设置（node server/src/main.ts --help）会原样传递。`,
};

export type Texts = typeof en;

/** The language of the environment: Chinese where it says so, otherwise English. */
export function textsFor({ LC_ALL, LC_MESSAGES, LANG }: NodeJS.ProcessEnv): Texts {
  return /^zh/i.test(LC_ALL || LC_MESSAGES || LANG || "") ? zh : en;
}
