/** What a CloudWatch dashboard shows of this widget when it is configured. */
export const WIDGET_DOCS = `## State Manager

Where the pipeline's files are, how fast they move, what needs a person, and how far the numbers can be trusted.
It only reads.

### Widget parameters

Param | Description
---|---
**view** | What it begins with: \`overview\` (default), \`dates\`, \`files\`, \`orphans\` or \`changes\`
**date** | With \`files\`: the date, YYYY-MM-DD
**status** | With \`files\`: \`pending\`, \`manifested\`, \`processing\`, \`completed\`, \`failed\` or \`quarantined\`

The dates that are shown follow the dashboard's time range. All times are UTC.

### Example parameters

\`\`\` yaml
view: files
status: failed
\`\`\`
`;
