// The QR of a supervisor carries the code after the #, where no server sees it.
const code = document.querySelector("#code");
const given = decodeURIComponent(location.hash.slice(1));

if (code && given) {
  code.value = given;
  history.replaceState(null, "", location.pathname);
  document.querySelector("#pin").focus();
}
