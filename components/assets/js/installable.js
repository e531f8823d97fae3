// The cabinet may be put on the home screen; its worker shows what it is when there is no network (/sw.js).
navigator.serviceWorker?.register("/sw.js", { scope: "/my/" }).catch(() => {});
