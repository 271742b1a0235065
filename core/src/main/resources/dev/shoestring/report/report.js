(function () {
  "use strict";
  // Mid-tones that read on both the light and the dark page, so that a canvas need not be drawn again.
  var colors = { first: "#2f9a80", second: "#d9793a", faint: "rgba(128,128,128,0.38)", target: "#8a8a8a",
    run0: "#2f9a80", run1: "#d9793a", run2: "#6b7fd7", run3: "#c2528b", run4: "#8f9c2e", run5: "#4aa3c7", run6: "#a3764b", run7: "#7d7d7d" };
  var grid = { stroke: "rgba(128,128,128,0.18)", width: 1 };
  var charts = JSON.parse(document.getElementById("curves-data").textContent);
  var places = document.querySelectorAll(".chart");

  function tick(value) {
    if (value === 0) return "0";
    var size = Math.abs(value);
    if (size >= 1e6) return +(value / 1e6).toPrecision(4) + "M";
    if (size >= 1e4) return +(value / 1e3).toPrecision(4) + "k";
    return size < 1e-3 ? value.toExponential(1).replace(".0e", "e") : String(+value.toPrecision(4));
  }

  // Under the cursor, or else the last point of the curve.
  function reading(plot, value, series, index) {
    var values = plot.data[series];
    for (var i = values.length - 1; index == null && value == null && i >= 0; i--) value = values[i];
    return value == null ? "–" : tick(value);
  }

  function draw(chart, place) {
    var tables = chart.series.filter(function (s) { return s.x.length > 0; });
    var data = uPlot.join(tables.map(function (s) { return [s.x, s.y]; }));
    var series = [{ label: chart.axis, value: reading }];
    tables.forEach(function (s) {
      var few = s.x.length <= 30;
      var dots = s.role.indexOf("dots-") === 0, color = colors[s.role.replace("dots-", "")];
      series.push({
        label: s.label, stroke: color, width: dots || s.role === "faint" ? 1 : 2, spanGaps: !dots, value: reading,
        paths: dots ? function () { return null; } : undefined,
        points: { show: dots || few && s.role !== "faint", size: dots ? 8 : 5, fill: color },
      });
    });
    if (chart.target !== null && data[0].length > 0) {
      series.push({ label: "target", stroke: colors.target, width: 1.5, dash: [6, 5], value: reading, points: { show: false }, spanGaps: true });
      data.push(data[0].map(function () { return chart.target; }));
    }
    var axis = { stroke: "#8a8a8a", grid: grid, ticks: grid, font: "11px sans-serif", values: function (plot, values) { return values.map(function (v) { return v === null ? "" : tick(v); }); } };
    var plot = new uPlot({
      width: place.clientWidth, height: 220, series: series, cursor: { y: false },
      scales: { x: { time: false } },
      axes: [Object.assign({ size: 30 }, axis), Object.assign({ size: 54 }, axis)],
    }, data, place);
    if (window.ResizeObserver) {
      new ResizeObserver(function () {
        if (Math.abs(place.clientWidth - plot.width) > 1) plot.setSize({ width: place.clientWidth, height: 220 });
      }).observe(place);
    }
  }

  charts.forEach(function (chart, i) { draw(chart, places[i]); });
})();
