// Taking a model out as a file and in from one.

const LARGEST = 5 * 1024 * 1024;

export function download(name, xml) {
  const url = URL.createObjectURL(new Blob([xml], { type: 'application/xml' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

/** Lets the user choose a file; answers its text, or throws an Error with a sentence. */
export function chooseFile() {
  return new Promise((resolve, reject) => {
    const input = document.createElement('input');
    input.type = 'file';
    input.accept = '.bpmn,.xml,application/xml';
    input.addEventListener('change', async () => {
      const [file] = input.files;
      if (!file) return;
      if (file.size > LARGEST) reject(new Error('文件超过 5 MB，不像是流程图。'));
      else resolve({ name: file.name, xml: await file.text() });
    });
    input.click();
  });
}
