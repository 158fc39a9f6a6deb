import { type Html, html } from './html.ts';
import { DARK, LIGHT, variablesOf } from './palette.ts';

/** All styles of all views, each below `.sm`, because in a console the surrounding page is not ours. */
export const styles: Html = html`<style>
.sm{${variablesOf(LIGHT)};color-scheme:light}
.sm.sm-theme-dark{${variablesOf(DARK)};color-scheme:dark}
@media (prefers-color-scheme:dark){.sm.sm-theme-auto{${variablesOf(DARK)};color-scheme:dark}}
.sm{container-type:inline-size;box-sizing:border-box;min-height:100%;padding:16px;background:var(--page);color:var(--text);font:14px/1.45 Inter,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums;text-align:left}
.sm *{box-sizing:border-box;margin:0;padding:0;font:inherit;color:inherit}
.sm b,.sm strong{font-weight:650}
.sm ul{list-style:none}
.sm cwdb-action{display:none}
.sm small{font-size:13px;font-weight:400;color:var(--dim)}
.sm .sm-dim,.sm .sm-empty{color:var(--dim)}
.sm .sm-bad{color:var(--bad)}
.sm .sm-small{font-size:12.5px}
.sm .sm-nowrap,.sm .sm-right{white-space:nowrap}
.sm .sm-hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.sm :is(.sm-name,.sm-wide,p,dd){overflow-wrap:anywhere}

.sm .sm-link,.sm .sm-tab,.sm .sm-chip,.sm .sm-sort,.sm .sm-button{background:none;border:0;cursor:pointer;text-align:inherit;text-decoration:none}
.sm .sm-link{color:var(--link)}
.sm .sm-link:hover,.sm :is(p,li,.sm-banner,.sm-note,.sm-empty) .sm-link{text-decoration:underline}
.sm :is(a,button,input,select,summary,.sm-command):focus-visible{outline:2px solid var(--link);outline-offset:2px;border-radius:4px}
.sm .sm-button{display:inline-block;padding:5px 14px;border:1px solid var(--line);border-radius:7px;background:var(--card);color:var(--link);font-weight:550}
.sm .sm-button:hover{border-color:var(--link)}

.sm .sm-head{display:flex;flex-wrap:wrap;align-items:center;gap:10px 16px;margin-bottom:16px}
.sm .sm-brand{font-size:17px;font-weight:700;letter-spacing:-.01em}
.sm .sm-heading{margin:0 0 10px;font-size:14px;font-weight:600;color:var(--dim);overflow-wrap:anywhere}
.sm .sm-view:focus{outline:none}
.sm .sm-spans .sm-link+.sm-link{margin-left:8px}
.sm .sm-spans [aria-current]{color:var(--text);font-weight:650;text-decoration:underline}
.sm .sm-foot{margin-top:14px;color:var(--dim);font-size:12px}
.sm .sm-badge{margin-left:4px;padding:2px 8px;border-radius:99px;background:var(--well);color:var(--dim);font-size:12px;font-weight:550;letter-spacing:0}
.sm .sm-tabs{display:flex;flex-wrap:wrap;gap:2px}
.sm .sm-tab{padding:5px 10px;border-radius:7px;color:var(--dim);font-weight:550}
.sm .sm-tab:hover{color:var(--text)}
.sm .sm-tab[aria-current]{background:var(--card);color:var(--text);box-shadow:inset 0 0 0 1px var(--line)}
.sm .sm-form{display:flex;flex-wrap:wrap;gap:6px;margin-left:auto}
.sm .sm-form input{width:100%;min-width:0;padding:5px 10px;border:1px solid var(--line);border-radius:7px;background:var(--card);color:var(--text)}
.sm .sm-form input::placeholder{color:var(--dim)}
.sm .sm-form label:first-of-type{width:200px}
.sm .sm-form label:nth-of-type(2){width:130px}
.sm .sm-view{display:flex;flex-direction:column;gap:14px}

.sm .sm-card,.sm .sm-tile{padding:16px 18px;border:1px solid var(--line);border-radius:12px;background:var(--card);min-width:0}
.sm .sm-card{display:flex;flex-direction:column;gap:10px}
.sm .sm-card>h2{font-size:13px;font-weight:600;color:var(--dim)}
.sm .sm-card>footer{margin-top:auto;padding-top:2px;color:var(--dim);font-size:12.5px}
.sm .sm-count{padding:1px 8px;border-radius:99px;background:var(--well);color:var(--text)}
.sm .sm-fault{border-color:var(--bad);border-left-width:4px}
.sm .sm-fault strong{color:var(--bad)}
.sm .sm-cards{display:grid;grid-template-columns:repeat(3,minmax(0,1fr));gap:14px}
.sm .sm-cards.sm-two{grid-template-columns:repeat(2,minmax(0,1fr))}
.sm .sm-cards>.sm-double{grid-column:span 2}
.sm .sm-note{color:var(--dim);font-size:12.5px}
.sm .sm-note b{color:var(--text)}

.sm .sm-banner{display:flex;gap:12px;align-items:flex-start;padding:11px 16px;border:1px solid var(--line);border-left:4px solid var(--tone);border-radius:12px;background:var(--card)}
.sm .sm-banner>div{min-width:0;overflow-wrap:anywhere}
.sm .sm-banner>svg{flex:none;fill:var(--tone)}
.sm .sm-banner strong{color:var(--tone)}
.sm .sm-well{--tone:var(--good)}
.sm .sm-look{--tone:var(--bad)}
.sm .sm-unsure{--tone:var(--warning)}

.sm .sm-tiles{display:grid;grid-template-columns:repeat(6,minmax(0,1fr));gap:12px}
.sm .sm-tile p+p{margin:0}
.sm .sm-tile{padding:12px 14px}
.sm .sm-tile h2 .sm-link{color:var(--text);font-weight:550}
.sm .sm-number{font-size:27px;line-height:1.25;font-weight:650;letter-spacing:-.02em}
.sm .sm-number small{letter-spacing:0}
.sm .sm-trend{color:var(--dim);font-size:12.5px}
.sm .sm-figures{display:flex;flex-wrap:wrap;gap:6px 32px}

.sm .sm-grey{--tone:var(--grey)}
.sm .sm-sky{--tone:var(--sky)}
.sm .sm-blue{--tone:var(--blue)}
.sm .sm-green{--tone:var(--green)}
.sm .sm-orange{--tone:var(--orange)}
.sm .sm-purple{--tone:var(--purple)}
.sm .sm-slate{--tone:var(--slate)}
.sm .sm-label{white-space:nowrap}
.sm .sm-glyph{display:inline-block;vertical-align:-1px;fill:var(--tone)}
.sm .sm-hollow{fill:none;stroke:var(--tone);stroke-width:1.6}
.sm .sm-cross{fill:none;stroke:var(--tone);stroke-width:2.6;stroke-linecap:round}
.sm .sm-tick{fill:none;stroke:var(--card);stroke-width:1.7;stroke-linecap:round;stroke-linejoin:round}

.sm .sm-bar,.sm .sm-line{display:block;width:100%;overflow:visible}
.sm .sm-bar{height:16px}
.sm .sm-line{height:72px}
.sm svg rect{fill:var(--tone)}
.sm svg .sm-open{opacity:.55}
.sm svg .sm-hit{fill:transparent}
.sm svg .sm-hit:hover{fill:var(--text);opacity:.12}
.sm .sm-chart{display:grid;grid-template-columns:auto minmax(0,1fr);gap:2px 8px}
.sm .sm-chart>.sm-upright{flex-direction:column;text-align:right}
.sm .sm-chart>.sm-upright~.sm-scale{grid-column:2}
.sm svg .sm-track{fill:var(--line)}
.sm svg .sm-within{fill:var(--blue)}
.sm svg .sm-over{fill:var(--orange)}
.sm svg .sm-limit{fill:var(--text)}
.sm .sm-tile .sm-line{height:30px;margin-top:8px}
.sm .sm-spark{min-width:90px}
.sm td .sm-spark .sm-line{height:22px}
.sm .sm-area{fill:var(--tone);opacity:.14}
.sm .sm-stroke{fill:none;stroke:var(--tone);stroke-width:2;vector-effect:non-scaling-stroke;stroke-linejoin:round}

.sm .sm-legend{display:flex;flex-wrap:wrap;gap:4px 16px;color:var(--dim);font-size:12.5px}
.sm .sm-legend b{color:var(--text)}
.sm .sm-meters{display:flex;flex-direction:column;gap:8px}
.sm .sm-meters li{display:grid;grid-template-columns:minmax(min-content,1fr) auto;gap:2px 10px;overflow-wrap:anywhere}
.sm .sm-meters li>:nth-child(2){text-align:right}
.sm .sm-meters svg,.sm .sm-meters svg~*{grid-column:1/-1}
.sm .sm-facts{display:grid;grid-template-columns:minmax(max-content,auto) 1fr;gap:5px 18px}
.sm .sm-facts dt{color:var(--dim)}
.sm .sm-facts dd{min-width:0}

.sm .sm-table{width:100%;border-collapse:collapse}
.sm .sm-table :is(th,td){padding:7px 14px 7px 0;border-top:1px solid var(--line);vertical-align:top;text-align:left;font-weight:400}
.sm .sm-table :is(th,td):last-child{padding-right:0}
.sm .sm-table thead th{border-top:0;color:var(--dim);font-size:12.5px}
.sm .sm-table .sm-right{text-align:right}
.sm .sm-table .sm-wide{width:100%}
.sm .sm-table tr:not(.sm-detail) td:first-child:not(.sm-wide){white-space:nowrap}
.sm .sm-bars :is(th,td){vertical-align:middle;white-space:nowrap}
.sm .sm-steps th[scope]{white-space:nowrap}
.sm .sm-steps .sm-detail td{border-top:0;padding-top:0;color:var(--dim);overflow-wrap:anywhere}
.sm .sm-steps tbody:first-of-type .sm-group th{padding-top:0}
.sm .sm-plain tbody tr:first-child td{border-top:0}
.sm .sm-table .sm-group th{padding-top:14px;border-top:0;font-weight:600}
.sm .sm-steps .sm-group+tr>*{border-top:0}
.sm .sm-scale{display:flex;justify-content:space-between;color:var(--dim);font-size:12.5px}
.sm .sm-remark{margin:2px 0 6px;color:var(--dim)}
.sm .sm-remark b{color:var(--text)}

.sm .sm-chips{display:flex;flex-wrap:wrap;gap:8px}
.sm .sm-chip{padding:4px 12px;border:1px solid var(--line);border-radius:99px;background:var(--card)}
.sm .sm-chip:hover{border-color:var(--link)}
.sm .sm-chip[aria-current]{border-color:var(--text);box-shadow:inset 0 0 0 1px var(--text)}
.sm .sm-tools{display:flex;flex-wrap:wrap;align-items:center;justify-content:space-between;gap:8px 24px}
.sm .sm-sorts,.sm .sm-sorts ul{display:flex;flex-wrap:wrap;gap:2px 12px}
.sm .sm-sort{color:var(--link)}
.sm .sm-sort:hover{text-decoration:underline}
.sm .sm-sort[aria-current]{color:var(--text);font-weight:600}
.sm .sm-filter{display:flex;flex-wrap:wrap;align-items:center;gap:6px 12px}
.sm .sm-filter .sm-form{margin:0}
.sm .sm-filter .sm-form label:first-of-type{width:130px}
.sm .sm-filter .sm-form label:nth-of-type(2){width:160px}
.sm .sm-pages{display:flex;flex-wrap:wrap;gap:8px}
.sm .sm-title{display:flex;flex-wrap:wrap;align-items:baseline;gap:2px 8px}
.sm .sm-title h2{font-size:17px;font-weight:650}
.sm .sm-title .sm-subtitle{flex-basis:100%;color:var(--dim)}
.sm .sm-title .sm-subtitle>b{color:var(--text)}
.sm .sm-command{display:block;padding:7px 11px;border-radius:7px;background:var(--well);font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere;user-select:all;cursor:copy}
.sm td>.sm-command{margin-bottom:6px}
.sm .sm-command span{display:inline-block;max-width:100%}

@container (max-width:960px){
.sm .sm-cards{grid-template-columns:repeat(2,minmax(0,1fr))}
.sm .sm-tiles{grid-template-columns:repeat(3,minmax(0,1fr))}
}
@container (max-width:640px){
.sm .sm-cards,.sm .sm-cards.sm-two{grid-template-columns:minmax(0,1fr)}
.sm .sm-cards>.sm-double{grid-column:auto}
.sm .sm-roomy{display:none}
.sm .sm-tiles{gap:8px}
.sm .sm-tile{padding:10px}
.sm .sm-tile h2{font-size:12.5px}
.sm .sm-number{font-size:22px}
.sm .sm-card{padding:14px}
.sm .sm-form{margin-left:0;width:100%}
.sm .sm-form label:first-of-type{flex:1 1 150px;width:auto}
.sm .sm-table thead{display:none}
.sm .sm-table tbody tr{display:flex;flex-wrap:wrap;justify-content:space-between;gap:2px 14px;padding:8px 0;border-top:1px solid var(--line)}
.sm .sm-table tbody tr>*{padding:0;border:0}
.sm .sm-table tbody .sm-wide{order:1;flex:1 0 100%;width:auto}
.sm .sm-table .sm-detail{padding-top:0;border:0}
.sm .sm-table .sm-group{border:0;padding-bottom:0}
.sm .sm-steps th[scope]{flex:1}
.sm .sm-bars tbody tr{display:grid;grid-template-columns:1fr 58px 50px 96px}
.sm .sm-bars tbody td:last-of-type{white-space:normal}
.sm .sm-bars tbody .sm-wide{grid-column:1/-1;grid-row:2}
.sm .sm-bars tbody .sm-roomy{display:none}
}
</style>`;
