/** All pages of the report. */
import { attentionPage } from "./attention-page.ts";
import { enginesPage } from "./engines-page.ts";
import { galleryPage } from "./gallery-page.ts";
import { overviewPage } from "./overview-page.ts";
import { paperPage } from "./paper-page.ts";
import { planningPage } from "./planning-page.ts";
import type { ReportCatalog } from "./report-catalog.ts";
import type { ReportPage } from "./report-page.ts";

export function reportPages(catalog: ReportCatalog): ReportPage[] {
  const others = [enginesPage(catalog), planningPage(catalog)].filter((page) => page !== null);
  return [overviewPage(catalog), attentionPage(catalog), paperPage(catalog), ...others, galleryPage()];
}
