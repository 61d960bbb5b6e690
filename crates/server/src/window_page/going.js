"use strict";
// Goes to the app at once; the link is there for views that do not.
location.replace(document.getElementById("back").href);
