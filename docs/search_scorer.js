// What the site's search shows first: what somebody wants to do, before what something is called.
// Sphinx reads the other numbers as they are in its own searchtools.js.
var Scorer = {
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
  score: ([page, , , , score]) => {
    const places = [
      [/^(how-to|tutorials)\//, 12],
      [/^explanation\//, 6],
      [/^reference\/(api|command-line|findings$)/, -8],
      [/^index$/, -8],
    ];
    const place = places.find(([name]) => name.test(page));
    return score + (place ? place[1] : 0);
  },
};
