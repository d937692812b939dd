/* Stands for a learning platform (SCORM 1.2 and 2004), so that a lesson starts. It remembers what the lesson says for as
   long as the page is open; nothing leaves the page. A frame without origin has no storage of its own, and asking for it,
   or for a window outside, would end the lesson with an error: quiet stand-ins take their place. */
(function () {
  "use strict";
  function memory() {
    var kept = {};
    return {
      getItem: function (key) { return Object.prototype.hasOwnProperty.call(kept, key) ? kept[key] : null; },
      setItem: function (key, value) { kept[key] = String(value); },
      removeItem: function (key) { delete kept[key]; },
      clear: function () { kept = {}; },
      key: function (place) { return Object.keys(kept)[place] || null; },
      get length() { return Object.keys(kept).length; }
    };
  }
  function stand(owner, name, value) {
    try { Object.defineProperty(owner, name, { configurable: true, get: function () { return value; }, set: function () {} }); }
    catch (error) { /* the browser's own stays */ }
  }
  var said = {};
  var first = {
    "cmi.core.lesson_status": "incomplete", "cmi.core.entry": "ab-initio", "cmi.core.lesson_mode": "normal",
    "cmi.core.credit": "no-credit", "cmi.completion_status": "incomplete", "cmi.success_status": "unknown",
    "cmi.entry": "ab-initio", "cmi.mode": "normal", "cmi.credit": "no-credit"
  };
  function get(name) { return said[name] || first[name] || ""; }
  function set(name, value) { said[name] = String(value); return "true"; }
  function yes() { return "true"; }
  function none() { return "0"; }
  function nothing() { return ""; }
  window.API = {
    LMSInitialize: yes, LMSFinish: yes, LMSGetValue: get, LMSSetValue: set, LMSCommit: yes, LMSGetLastError: none,
    LMSGetErrorString: nothing, LMSGetDiagnostic: nothing
  };
  window.API_1484_11 = {
    Initialize: yes, Terminate: yes, GetValue: get, SetValue: set, Commit: yes, GetLastError: none,
    GetErrorString: nothing, GetDiagnostic: nothing, version: "1.0"
  };
  stand(window, "parent", window);
  stand(window, "opener", null);
  stand(window, "localStorage", memory());
  stand(window, "sessionStorage", memory());
  stand(document, "cookie", "");
})();
