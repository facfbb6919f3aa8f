export { eventsAbout } from "./events.ts";
export { notificationRoutes } from "./routes.ts";
