import "./gauges.ts";
import "./jobs.ts";
import "./sealed-columns.ts";

export { deliveriesAbout } from "./deliveries-about.ts";
export { onEndpointDisabled } from "./disable-endpoint.ts";
export { eventsAbout } from "./events.ts";
export { fanOutLoop } from "./fan-out.ts";
export { notificationRoutes } from "./routes.ts";
export { sendLoop } from "./sender.ts";
