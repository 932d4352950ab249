/** One page of the report: its Markdown, the charts it shows and the tables it links to. */
import type { ChartSpec } from "../charts/chart-spec.ts";
import type { ChartCommand } from "./chart-command.ts";

export interface ReportChart {
  /** The files' stem below charts/. */
  readonly name: string;
  /** Read out in place of the picture. */
  readonly alt: string;
  readonly command: ChartCommand;
  /** As the command draws it, where the page has made it already and making it takes long. */
  readonly spec?: ChartSpec;
}

export interface ReportTable {
  /** The file's name below data/. */
  readonly name: string;
  readonly text: string;
}

export interface ReportPage {
  /** The file's name in the report's folder. */
  readonly path: string;
  readonly text: string;
  readonly charts: readonly ReportChart[];
  readonly tables: readonly ReportTable[];
}
